import { defineContract, defineOperation, type Operation } from '@org/contract';
import * as z from 'zod';
import { expect, test } from 'vitest';
import { serve } from '../test-fixtures/serve.ts';
import { implement } from './index.ts';
import { linksOf } from './links.ts';

const success = { status: 204, description: 'Done' };
const list = defineOperation({ id: 'list', method: 'GET', path: '/things', summary: 'L', success });
const get = defineOperation({ id: 'get', method: 'GET', path: '/things/:id', summary: 'G', success });
const put = defineOperation({
  id: 'put',
  method: 'PUT',
  path: '/things/:id',
  summary: 'P',
  headers: z.object({ 'x-shop': z.string() }),
  body: z.object({ name: z.string() }),
  success,
  idempotencyKey: 'required',
  examples: { usual: { params: { id: 'a b' }, headers: { 'x-shop': 'main' }, body: { name: "Ann's" } } },
});
const post = defineOperation({
  id: 'post',
  method: 'POST',
  path: '/things',
  summary: 'P',
  body: z.object({ quantity: z.int() }),
  success,
  examples: { usual: { body: { quantity: 1 } } },
});

const links = (...operations: Operation[]) =>
  linksOf('http://localhost:3000', defineContract({ name: 'x', version: '1', title: 'X', operations }), [
    { path: '/docs', title: 'Docs', handler: () => () => undefined },
  ]);

test('name the API and the pages', () => {
  expect(links()).toEqual({ API: 'http://localhost:3000', Docs: 'http://localhost:3000/docs/' });
});

test.each<[string, Operation[], string | undefined]>([
  [
    'a body that is an example',
    [list, post],
    `curl http://localhost:3000/things -H 'content-type: application/json' -d '{"quantity":1}'`,
  ],
  [
    'all that it takes, quoted for the shell',
    [put],
    `curl -X PUT http://localhost:3000/things/a%20b -H 'content-type: application/json' -H 'idempotency-key: first-try' -H 'x-shop: main' -d '{"name":"Ann'\\''s"}'`,
  ],
  ['the first GET that needs nothing, without an example', [get, list], 'curl http://localhost:3000/things'],
  ['nothing where an id is needed', [get], undefined],
])('try %s', (_, operations, command) => {
  expect(links(...operations).Try).toBe(command);
});

test('of a server say where it is', async () => {
  await using server = await serve([implement(list, () => undefined)]);
  expect(server.server.links).toEqual({ API: server.url, Try: `curl ${server.url}/things` });
  expect((await fetch(`${server.url}/things`)).status).toBe(204);
});
