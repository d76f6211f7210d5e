import { defineOperation, type Deprecation } from '@org/contract';
import { ServiceError } from '@org/errors';
import { expect, test } from 'vitest';
import { serve } from '../test-fixtures/serve.ts';
import { implement } from './index.ts';

function serveDeprecated(deprecated: Deprecation | boolean) {
  const operation = defineOperation({
    id: 'getThing',
    method: 'GET',
    path: '/things/:id',
    summary: 'A thing',
    success: { status: 204, description: 'There' },
    deprecated,
  });
  const handler = ({ params }: { params: { id: string } }) => {
    if (params.id !== '7') throw new ServiceError('not_found', 'No such thing');
  };
  return serve([implement(operation, handler)]);
}

const headersOf = ({ headers }: Response) => ['deprecation', 'sunset', 'link'].map((name) => headers.get(name));

test('a deprecated operation says so in all its answers, errors included', async () => {
  const link = 'https://example.com/a?b=<c>';
  await using server = await serveDeprecated({ since: '2026-01-02', sunset: '2027-01-02', link });
  for (const path of ['/things/7', '/things/8']) {
    expect(headersOf(await fetch(`${server.url}${path}`))).toEqual([
      '@1767312000',
      'Sat, 02 Jan 2027 00:00:00 GMT',
      '<https://example.com/a?b=%3Cc%3E>; rel="deprecation"; type="text/html"',
    ]);
  }
  expect(headersOf(await fetch(`${server.url}/nothing`))).toEqual([null, null, null]);
});

test('what is not known is not said', async () => {
  await using since = await serveDeprecated({ since: '2026-01-02' });
  expect(headersOf(await fetch(`${since.url}/things/7`))).toEqual(['@1767312000', null, null]);
  await using plain = await serveDeprecated(true);
  expect(headersOf(await fetch(`${plain.url}/things/7`))).toEqual([null, null, null]);
});
