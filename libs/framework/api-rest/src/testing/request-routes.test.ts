import { once } from 'node:events';
import { defineOperation } from '@org/contract';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { contractOf, problemOf, serve } from '../../test-fixtures/serve.ts';
import { created, implement, noContent, type Route } from '../index.ts';
import { requestRoutes, type RequestRoutesOptions } from './index.ts';

const thing = z.object({ name: z.string() });
const postThing = defineOperation({
  id: 'postThing',
  method: 'POST',
  path: '/things',
  summary: 'x',
  body: thing,
  success: { status: 201, description: 'x', body: thing },
  idempotencyKey: 'optional',
});
const waitForThing = defineOperation({
  id: 'waitForThing',
  method: 'GET',
  path: '/things/:id',
  summary: 'x',
  success: { status: 204, description: 'x' },
});
const things = [
  implement(postThing, ({ body }) => created('/things/7', body)),
  implement(waitForThing, () => noContent()),
];

function open(routes: readonly Route[] = things, options: Partial<RequestRoutesOptions> = {}) {
  return requestRoutes({ contract: contractOf(routes.map(({ operation }) => operation)), routes, ...options });
}

const whole = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Zoë"}' };

describe('fetch', () => {
  test('answers as a server on a port does', async () => {
    await using server = await serve(things);
    const { fetch: fetchRoutes } = open();
    for (const [path, init] of [
      ['/things', whole],
      ['/things', { method: 'POST', body: '{}' }],
      ['/things', { ...whole, body: '{' }],
      ['/things', { method: 'PUT' }],
      ['/things', { method: 'POST' }],
      ['/things/7', {}],
      ['/things/7', { method: 'HEAD' }],
      ['/nothing?x=%20', {}],
      ['//things', {}],
      ['/livez', {}],
    ] as const) {
      const [expected, actual] = [await fetch(server.url + path, init), await fetchRoutes(path, init)];
      const seen = async (response: Response) => ({
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers.keys()].filter((name) => name !== 'keep-alive'),
        body: (await response.text()).replaceAll(/"requestId":"[^"]*"/g, ''),
      });
      expect(await seen(actual), `${path} ${JSON.stringify(init)}`).toEqual(await seen(expected));
    }
  });

  test('sends `json` as JSON', async () => {
    const answer = await open().fetch('/things', { method: 'POST', json: { name: 'Zoë' } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/things/7');
    expect(await answer.json()).toEqual({ name: 'Zoë' });
  });

  test('leaves the content type that was given', async () => {
    const headers = { 'content-type': 'text/plain' };
    const answer = await open().fetch('/things', { method: 'POST', json: {}, headers });
    expect(answer.status).toBe(415);
  });

  test('has idempotency, as between all requests to one server', async () => {
    const { fetch } = open();
    const init = { method: 'POST', json: { name: 'a' }, headers: { 'idempotency-key': '1' } };
    const answers = [await fetch('/things', init), await fetch('/things', init)];
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  });

  test('answers many at once', async () => {
    const { fetch, logs } = open();
    const names = Array.from({ length: 100 }, (_, index) => `${index}`);
    const answers = await Promise.all(names.map((name) => fetch('/things', { method: 'POST', json: { name } })));
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(names.map((name) => ({ name })));
    expect(logs).toHaveLength(100);
  });

  test('takes a body up to the limit and refuses one above it', async () => {
    const { fetch } = open();
    const name = 'x'.repeat(1024 * 1024 - '{"name":""}'.length);
    const answer = await fetch('/things', { method: 'POST', json: { name } });
    expect(await answer.json()).toEqual({ name });
    for (const length of [1, 10_000_000]) {
      const refused = await fetch('/things', { method: 'POST', json: { name: name + 'x'.repeat(length) } });
      expect(await problemOf(refused)).toMatchObject({ status: 413 });
    }
    const { fetch: fetchLess } = open(things, { bodyLimit: 5 });
    expect((await fetchLess('/things', whole)).status).toBe(413);
  });

  test('gives redirects and each cookie as they are', async () => {
    const middleware: RequestRoutesOptions['middleware'] = [
      (_, response) => response.cookie('a', '1').cookie('b', '2').redirect('/elsewhere'),
    ];
    const answer = await open(things, { middleware }).fetch('/');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/elsewhere']);
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
  });

  test.each([
    ['a path without its slash', 'things', {}, '`path`'],
    ['a URL', 'http://localhost/things', {}, '`path`'],
    ['`json` and `body`', '/things', { method: 'POST', json: 1, body: '1' }, 'got both'],
    ['`json` that JSON has not', '/things', { method: 'POST', json: () => 1 }, 'got a `function`'],
    ['a body with GET', '/things', { json: 1 }, 'GET'],
    ['a header that is none', '/things', { headers: { 'a b': '1' } }, 'a b'],
    ['a method that is none', '/things', { method: 'A B' }, 'A B'],
  ])('rejects %s', async (_, path, init, message) => {
    const failure = await open()
      .fetch(path, init)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain(message);
  });

  test('rejects when the connection breaks off', async () => {
    const { fetch, logs } = open(things, { middleware: [(request) => void request.socket.destroy()] });
    await expect(fetch('/things')).rejects.toThrow(TypeError);
    expect(logs).toHaveLength(1);
  });

  test('rejects when the answer is cut off', async () => {
    const cut: RequestRoutesOptions['middleware'] = [
      (_, response) => void response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy()),
    ];
    await expect(open(things, { middleware: cut }).fetch('/things')).rejects.toThrow('broke off');
  });
});

describe('a signal', () => {
  test('ends the request on both sides', async () => {
    const reached = Promise.withResolvers<AbortSignal>();
    const waiting = implement(waitForThing, async (_, { signal }) => {
      reached.resolve(signal);
      await once(signal, 'abort');
      return noContent();
    });
    const { fetch, logs } = open([waiting]);
    const client = new AbortController();
    const answer = fetch('/things/7', { signal: client.signal });
    const signal = await reached.promise;
    const reason = new Error('enough');
    client.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(signal.aborted).toBe(true);
    expect(logs).toMatchObject([{ message: 'request' }]);
  });

  test('that has aborted before sends nothing', async () => {
    const { fetch, logs } = open();
    await expect(fetch('/things/7', { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(logs).toEqual([]);
  });
});

test('has the line of each request as soon as it is answered', async () => {
  const { fetch, logs } = open();
  for (let count = 1; count <= 50; count += 1) {
    await fetch('/things/7');
    expect(logs).toHaveLength(count);
  }
  expect(logs[0]).toMatchObject({ level: 'info', message: 'request' });
});

test('takes what differs of the runtime', async () => {
  const failed = { status: 'failed', checks: {} } as const;
  const ok = { status: 'ok', checks: {} } as const;
  const health = { liveness: () => ok, readiness: async () => failed, startup: () => ok, changes: () => [] };
  const { fetch } = open(things, { runtime: { health } });
  expect([(await fetch('/livez')).status, (await fetch('/readyz')).status]).toEqual([200, 503]);
});

test('leaves nothing open', async () => {
  // The runner of the tests has timers of its own.
  const opened = () => process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout' && kind !== 'Immediate');
  const before = opened().sort();
  const { fetch } = open();
  await fetch('/things', whole);
  await fetch('/things/7', { signal: AbortSignal.abort() }).catch(() => {});
  expect(opened().sort()).toEqual(before);
});

test('serves the routes of one file: what else the contract promises is not there', async () => {
  const contract = contractOf([postThing, waitForThing]);
  const { fetch: fetchRoutes } = requestRoutes({ contract, routes: things.slice(1) });
  expect((await fetchRoutes('/things/7')).status).toBe(204);
  expect((await fetchRoutes('/things', whole)).status).toBe(404);
});

test('refuses a route of which the contract knows nothing', () => {
  expect(() => requestRoutes({ contract: contractOf([postThing]), routes: things })).toThrow(TypeError);
});
