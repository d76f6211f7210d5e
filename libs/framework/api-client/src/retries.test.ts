import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceError } from '@org/errors';
import { waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { contract } from '../test-fixtures/orders.ts';
import { json, problem, serve, type Respond, type TestServer } from '../test-fixtures/serve.ts';
import { createClient, type Client, type ClientOptions } from './index.ts';

const order = { id: '7', quantity: 2 };
const params = { id: '7' };
const clientOf = ({ url }: TestServer, options: ClientOptions = {}, timeoutMs = 5_000) =>
  createClient(contract, { url, timeoutMs }, { retry: { backoffMs: 1 }, ...options });

/** Fails with the answers given, then goes well. */
const failing =
  (...failures: Respond[]): Respond =>
  (response, request, number) => {
    const failure = failures[number - 1];
    if (failure) return failure(response, request, number);
    return request.url.endsWith('/touch') ? response.writeHead(204).end() : json(response, 200, order);
  };
const busy: Respond = (response) => problem(response, 503, { code: 'unavailable' });
const broken: Respond = (response) => response.destroy();

describe('a call that may be repeated', () => {
  test.each<[string, (client: Client<typeof contract>) => Promise<unknown>]>([
    ['a GET', (client) => client.getOrder({ params })],
    ['a PUT', (client) => client.replaceOrder({ params, body: { quantity: 2 } })],
    ['a POST that takes an idempotency key', (client) => client.placeOrder({ body: { quantity: 2 } })],
  ])('%s, is repeated when the service is busy or the connection breaks', async (_, call) => {
    await using server = await serve(failing(busy, broken));
    expect(await call(clientOf(server))).toEqual(order);
    expect(server.requests).toHaveLength(3);
    const ids = new Set(server.requests.map(({ headers }) => headers['x-request-id']));
    expect(ids.size).toBe(1);
  });

  test('has the same idempotency key each time, and another call has another', async () => {
    await using server = await serve(failing(busy));
    const client = clientOf(server);
    await client.placeOrder({ body: { quantity: 2 } });
    await client.placeOrder({ body: { quantity: 2 } });
    const [first, again, other] = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('is repeated while the attempt before is still at work on the other side', async () => {
    const inUse: Respond = (response) => problem(response, 409, { code: 'aborted', reason: 'IDEMPOTENCY_KEY_IN_USE' });
    await using server = await serve(failing(inUse));
    expect(await clientOf(server).placeOrder({ body: { quantity: 2 } })).toEqual(order);
  });

  test('is repeated when one attempt takes too long', async () => {
    await using server = await serve(failing(() => {}));
    expect(await clientOf(server, { attemptTimeoutMs: 100 }).getOrder({ params })).toEqual(order);
  });

  test.each([400, 401, 404, 409, 429, 500, 501])('is not repeated after %d', async (status) => {
    await using server = await serve(failing((response) => problem(response, status, {})));
    await expect(clientOf(server).getOrder({ params })).rejects.toBeInstanceOf(ServiceError);
    expect(server.requests).toHaveLength(1);
  });

  test('is not repeated where the client has no retries', async () => {
    await using server = await serve(failing(busy));
    await expect(clientOf(server, { retry: false }).getOrder({ params })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a call that must not be repeated', () => {
  test.each<[string, Respond]>([
    ['the service is busy', busy],
    ['the connection breaks', broken],
  ])('is not, when %s', async (_, failure) => {
    await using server = await serve(failing(failure));
    await expect(clientOf(server).touchOrder({ params })).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.requests).toHaveLength(1);
  });

  test('is not, only because the caller sends a key that the operation does not know', async () => {
    await using server = await serve(failing(busy));
    const call = clientOf(server).touchOrder({ params }, { idempotencyKey: 'k' });
    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('`Retry-After`', () => {
  const busyFor =
    (after: string, status = 503): Respond =>
    (response) =>
      problem(response, status, {}, { 'retry-after': after });

  test.each([
    ['0', 503],
    ['0', 429],
    ['-1', 503],
    ['soon', 503],
    ['Thu, 01 Jan 2015 00:00:00 GMT', 503],
  ])('of %s with %d lets the call be repeated', async (after, status) => {
    await using server = await serve(failing(busyFor(after, status)));
    expect(await clientOf(server).getOrder({ params })).toEqual(order);
    expect(server.requests).toHaveLength(2);
  });

  test.each(['1000000000', '60', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'of %s is longer than the call lasts, so that it fails at once',
    async (after) => {
      await using server = await serve(failing(busyFor(after)));
      await expect(clientOf(server).getOrder({ params })).rejects.toMatchObject({
        code: 'unavailable',
        details: { retryAfterMs: expect.any(Number) },
      });
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe('a storm of 503', () => {
  test('is met with a tenth more attempts than calls, after a burst', async () => {
    await using server = await serve(busy);
    const client = clientOf(server, { breaker: false });
    for (let call = 0; call < 300; call += 1) await client.getOrder({ params }).catch(() => {});
    expect(server.requests.length).toBeGreaterThan(300);
    expect(server.requests.length).toBeLessThanOrEqual(300 + 10 + 30);
  });

  test('opens the circuit, which closes when the service is back', async () => {
    let down = true;
    await using server = await serve((response) => (down ? problem(response, 503, {}) : json(response, 200, order)));
    const client = clientOf(server, { breaker: { size: 10, openMs: 50 }, retry: false });
    for (let call = 0; call < 30; call += 1) await client.getOrder({ params }).catch(() => {});
    expect(server.requests.length).toBeLessThan(30);
    await expect(client.getOrder({ params })).rejects.toMatchObject({ code: 'unavailable', reason: 'CIRCUIT_OPEN' });
    down = false;
    await waitFor(() => client.getOrder({ params }), { what: 'the circuit to try again' });
    expect(await client.getOrder({ params })).toEqual(order);
  });
});

test('more calls at once than may be are rejected before they are sent', async () => {
  const release = Promise.withResolvers<void>();
  await using server = await serve((response) => release.promise.then(() => json(response, 200, order)));
  const client = clientOf(server, { bulkhead: { limit: 2, queue: 1 } });
  const calls = Array.from({ length: 5 }, () => client.getOrder({ params }));
  const outcomes = Promise.allSettled(calls);
  await expect(calls[4]).rejects.toMatchObject({ code: 'unavailable', reason: 'BULKHEAD_FULL' });
  release.resolve();
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
});

test('a connection that the server closed between two calls costs no call', async () => {
  const server = createServer((_, response) => json(response, 200, order));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const client = createClient(
      contract,
      { url: `http://127.0.0.1:${port}`, timeoutMs: 5_000 },
      { retry: { backoffMs: 1 } },
    );
    for (let call = 0; call < 10; call += 1) {
      expect(await client.getOrder({ params })).toEqual(order);
      server.closeAllConnections();
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe('whoever calls', () => {
  test('may end the call at once, which closes the connection', async () => {
    const gone = Promise.withResolvers<void>();
    await using server = await serve((response) => void response.on('close', gone.resolve));
    const controller = new AbortController();
    const running = clientOf(server).getOrder({ params }, { signal: controller.signal });
    await waitFor(() => server.requests.length === 1, { what: 'the request' });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await gone.promise;
    expect(server.requests).toHaveLength(1);
  });

  test('may have less time than the client', async () => {
    await using server = await serve(() => {});
    const running = clientOf(server, {}, 60_000).getOrder({ params }, { timeoutMs: 50 });
    await expect(running).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  test('gets a 504 of the service as its own time-out would be, and the message says whose it was', async () => {
    await using server = await serve((response) => problem(response, 504, { code: 'deadline_exceeded' }));
    const running = clientOf(server, { retry: false }).getOrder({ params });
    await expect(running).rejects.toThrow('orders answered `getOrder` with 504');
  });
});
