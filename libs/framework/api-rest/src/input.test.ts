import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineOperation } from '@org/contract';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { contractOf, json, problemOf, serve, testRuntime } from '../test-fixtures/serve.ts';
import { createRestHandler, implement, reply } from './index.ts';

const place = defineOperation({
  id: 'place',
  method: 'POST',
  path: '/things',
  summary: 'Place',
  body: z.strictObject({ items: z.array(z.strictObject({ a: z.int() })).default([]) }),
  success: { status: 204, description: 'Placed' },
});
const routes = [implement(place, () => undefined)];

describe('what is wrong with a request is told in few words', () => {
  test.each<[string, unknown]>([
    ['a very long unknown key', { ['x'.repeat(50_000)]: 1 }],
    ['many unknown keys', Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`key-${index}`, 1]))],
    ['long keys that have to be escaped', { ['\u0001'.repeat(5_000)]: 1, ['~/'.repeat(5_000)]: 1 }],
    ['many places', { items: Array.from({ length: 5_000 }, () => ({ a: 'x' })) }],
    [
      'many long places',
      { items: Array.from({ length: 200 }, (_, index) => ({ a: 1, [`${index}${'y'.repeat(250)}`]: 1 })) },
    ],
  ])('with %s', async (_, body) => {
    await using server = await serve(routes);
    const response = await fetch(`${server.url}/things`, json(body));
    const text = await response.clone().text();
    expect(text.length).toBeLessThan(24_000);
    const { reason, errors = [], detail } = await problemOf(response);
    expect(reason).toBe('REQUEST_INVALID');
    expect(errors.length).toBeGreaterThan(0);
    expect(detail!.length).toBeLessThan(1_000);
  });

  test('and how much more there is', async () => {
    await using server = await serve(routes);
    const items = Array.from({ length: 500 }, () => ({ a: 'x' }));
    const { errors, detail } = await problemOf(await fetch(`${server.url}/things`, json({ items })));
    expect(errors).toHaveLength(100);
    expect(detail).toContain('body/items/0/a, body/items/1/a, body/items/2/a and 497 more');
  });
});

test('what needs not wait is answered without waiting', async () => {
  const hello = defineOperation({
    id: 'hello',
    method: 'GET',
    path: '/hello',
    summary: 'Hello',
    success: { status: 200, description: 'Hello', body: z.object({ hello: z.string() }) },
  });
  const given = [implement(hello, () => ({ hello: 'world' }))];
  const handle = createRestHandler({ port: 0 }, { contract: contractOf([hello]), routes: given }, testRuntime());
  let ended: boolean | undefined;
  await using server = createServer((request, response) => {
    handle(request, response);
    ended = response.writableEnded;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hello`);
  expect([await response.json(), ended]).toEqual([{ hello: 'world' }, true]);
});

test('a reply may set cookies, a line each, and lists of other headers', async () => {
  const headers = {
    'set-cookie': ['a=1; Path=/', 'b=2'],
    Vary: ['cookie', 'accept-language'],
    link: '</a>; rel="next"',
  };
  await using server = await serve([implement(place, () => reply({ headers }))]);
  const response = await fetch(`${server.url}/things`, json({}));
  expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
  expect(response.headers.get('vary')).toBe('cookie, accept-language');
});
