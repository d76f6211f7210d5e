import { connect } from 'node:net';
import { once } from 'node:events';
import { Agent, get as httpGet, type IncomingMessage } from 'node:http';
import { defineOperation } from '@org/contract';
import { ServiceError } from '@org/errors';
import { rawRequest, waitFor } from '@org/testing';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, problemOf, serve, testRuntime } from '../test-fixtures/serve.ts';
import { implement, serveRest, type Exchange } from './index.ts';

const wait = defineOperation({
  id: 'wait',
  method: 'POST',
  path: '/wait/:id',
  summary: 'Wait',
  success: { status: 200, description: 'Done', body: z.object({ id: z.string() }) },
});
const big = defineOperation({
  id: 'big',
  method: 'GET',
  path: '/big',
  summary: 'Much',
  success: { status: 200, description: 'Much', body: z.string() },
});

/** A server with an operation that ends when the test says so. */
async function serveWaiting(runtime = testRuntime()) {
  const gate = Promise.withResolvers<void>();
  const exchanges: Exchange[] = [];
  const server = await serve(
    [
      implement(wait, async ({ params }, exchange) => {
        exchanges.push(exchange);
        await gate.promise;
        return params;
      }),
      implement(big, () => 'x'.repeat(20_000_000)),
    ],
    { runtime },
  );
  return Object.assign(server, { release: () => gate.resolve(), exchanges });
}

const post = (timeout?: string): RequestInit => ({
  method: 'POST',
  ...(timeout !== undefined && { headers: { 'x-request-timeout': timeout } }),
});

describe('the deadline of a caller', () => {
  test('becomes the call’s, and is answered with 504 when it is over, whatever the handler does', async () => {
    await using server = await serveWaiting();
    const problem = await problemOf(await fetch(`${server.url}/wait/1`, post('20')));
    expect(problem).toMatchObject({ status: 504, code: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
    const [exchange] = server.exchanges;
    expect(exchange?.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
    server.release();
    expect(server.logs).toMatchObject([{ level: 'info', fields: { status: 504, reason: 'DEADLINE_EXCEEDED' } }]);
  });

  test('of nothing is over before the handler runs', async () => {
    await using server = await serveWaiting();
    expect((await fetch(`${server.url}/wait/1`, post('0'))).status).toBe(504);
    expect(server.exchanges).toEqual([]);
  });

  test('that is not over changes nothing', async () => {
    await using server = await serveWaiting();
    server.release();
    for (const timeout of ['60000', '999999999999999']) {
      expect((await fetch(`${server.url}/wait/1`, post(timeout))).status).toBe(200);
    }
  });

  test.each(['', '-1', '1.5', '5s', 'abc', '1, 2', '9'.repeat(30)])('is refused as %j', async (timeout) => {
    await using server = await serveWaiting();
    const problem = await problemOf(await fetch(`${server.url}/wait/1`, post(timeout)));
    expect(problem).toMatchObject({ status: 400, reason: 'TIMEOUT_MALFORMED' });
  });
});

describe('a client that goes away', () => {
  test('aborts the call as cancelled, and is in the log as 499', async () => {
    await using server = await serveWaiting();
    const client = new AbortController();
    const sent = fetch(`${server.url}/wait/1`, { ...post(), signal: client.signal });
    await waitFor(() => server.exchanges.length === 1, { what: 'the handler to run' });
    const { signal } = server.exchanges[0]!;
    client.abort();
    await expect(sent).rejects.toThrow();
    await waitFor(() => signal.aborted, { what: 'the signal' });
    expect(signal.reason).toMatchObject({ code: 'cancelled', reason: 'CLIENT_GONE' });
    expect(server.requests()).toMatchObject([{ status: 499, route: '/wait/:id', aborted: true }]);
    server.release();
  });

  test('finds the signal aborted also when it is asked for later', async () => {
    await using server = await serveWaiting();
    const client = new AbortController();
    const sent = fetch(`${server.url}/wait/1`, { ...post(), signal: client.signal });
    await waitFor(() => server.exchanges.length === 1, { what: 'the handler to run' });
    client.abort();
    await expect(sent).rejects.toThrow();
    await waitFor(() => server.requests().length === 1, { what: 'the line' });
    expect(server.exchanges[0]?.signal.reason).toMatchObject({ code: 'cancelled' });
    server.release();
  });
});

describe('the stop', () => {
  test('begins with telling clients to go elsewhere', async () => {
    await using server = await serveWaiting();
    server.release();
    const agent = new Agent({ keepAlive: true });
    const ask = async (path: string, method = 'GET') => {
      const [response] = (await once(httpGet(`${server.url}${path}`, { agent, method }), 'response')) as [
        IncomingMessage,
      ];
      response.resume();
      await once(response, 'end');
      return response.headers.connection;
    };
    expect(await ask('/wait/1', 'POST')).toBe('keep-alive');
    server.runtime.stop.abort();
    for (const [path, method] of [['/wait/1', 'POST'], ['/nothing'], ['/livez'], ['/wait/1', 'OPTIONS']] as const) {
      expect(await ask(path, method)).toBe('close');
    }
    agent.destroy();
  });

  test('takes no new connections, and waits for what is in flight', async () => {
    await using server = await serveWaiting();
    const sent = fetch(`${server.url}/wait/1`, post());
    await waitFor(() => server.exchanges.length === 1, { what: 'the handler to run' });
    let drained = false;
    const drain = server.server.drain(AbortSignal.timeout(10_000)).then(() => (drained = true));
    expect((await rawRequest(server.server.port, 'x')).end).toBe('refused');
    expect(drained).toBe(false);
    server.release();
    const response = await sent;
    expect([response.headers.get('connection'), await response.json()]).toEqual(['close', { id: '1' }]);
    await drain;
  });

  test('closes connections that are idle or have never asked for anything', async () => {
    await using server = await serveWaiting();
    server.release();
    const silent = connect(server.server.port, '127.0.0.1');
    const idle = connect(server.server.port, '127.0.0.1');
    idle.write('POST /wait/1 HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n');
    await Promise.all([once(silent, 'connect'), once(idle, 'data')]);
    await waitFor(() => server.requests().length === 1, { what: 'the answer' });
    const closed = Promise.all([once(silent, 'close'), once(idle, 'close')]);
    silent.resume();
    idle.resume();
    const startedAt = performance.now();
    await server.server.drain(AbortSignal.timeout(10_000));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await closed;
  });

  test('lets an answer that is on its way arrive as a whole', async () => {
    await using server = await serveWaiting();
    const socket = connect(server.server.port, '127.0.0.1');
    let received = 0;
    socket.write('GET /big HTTP/1.1\r\nhost: a\r\n\r\n');
    // The client reads its first bytes and then stops reading, so that the rest stays with the server.
    await once(socket, 'readable');
    const drain = server.server.drain(AbortSignal.timeout(10_000));
    socket.on('data', (chunk) => (received += chunk.length));
    await once(socket, 'close');
    await drain;
    expect(received).toBeGreaterThan(20_000_000);
  });

  test('ends when its time is over, and names what is abandoned', async () => {
    await using server = await serveWaiting();
    const sent = fetch(`${server.url}/wait/1`, post());
    sent.catch(() => undefined);
    await waitFor(() => server.exchanges.length === 1, { what: 'the handler to run' });
    const time = new AbortController();
    const drain = server.server.drain(time.signal);
    time.abort();
    await drain;
    expect(server.logs).toMatchObject([{ level: 'warn', fields: { abandoned: ['POST /wait/1'], count: 1 } }]);
    await server.server[Symbol.asyncDispose]();
    await expect(sent).rejects.toThrow();
    server.release();
  });

  test('may be asked for more than once, in any order', async () => {
    await using server = await serveWaiting();
    await server.server[Symbol.asyncDispose]();
    await server.server.drain(AbortSignal.timeout(1_000));
    await server.server.drain(AbortSignal.timeout(1_000));
    await server.server[Symbol.asyncDispose]();
    expect((await rawRequest(server.server.port, 'x')).end).toBe('refused');
  });
});

test('the probes of the port say what health says', async () => {
  const runtime = testRuntime({
    readiness: async () => ({
      status: 'failed',
      reason: 'stopping',
      checks: { database: { status: 'failed', durationMs: 1 } },
    }),
    liveness: () => ({ status: 'degraded', checks: {} }),
  });
  await using server = await serveWaiting(runtime);
  const ready = await fetch(`${server.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'failed' }]);
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
});

test('a port that is taken is an error that names the port and the variable', async () => {
  await using server = await serveWaiting();
  const { port } = server.server;
  const options = { contract: { name: 'x', version: '1', title: 'X', operations: [] }, routes: [] };
  const started = serveRest({ port, host: '127.0.0.1', bodyLimit: 1 }, options, testRuntime());
  await expect(started).rejects.toThrow(ServiceError);
  await expect(started).rejects.toMatchObject({
    code: 'failed_precondition',
    reason: 'PORT_IN_USE',
    message: `Cannot serve REST on port ${port} of 127.0.0.1: something else listens there. Stop it, or set PORT to a free port`,
  });
});

test('an address that is not this machine’s is an error that names the variables', async () => {
  const options = { contract: { name: 'x', version: '1', title: 'X', operations: [] }, routes: [] };
  const started = serveRest({ port: 0, host: '192.0.2.1', bodyLimit: 1 }, options, testRuntime());
  await expect(started).rejects.toMatchObject({
    reason: 'PORT_NOT_AVAILABLE',
    message: expect.stringContaining('HOST'),
  });
});

test('nothing of a request stays behind when it is over', async () => {
  await using server = await serveWaiting();
  server.release();
  for (let count = 0; count < 50; count += 1) {
    await (await fetch(`${server.url}/wait/${count}`, post('60000'))).text();
    await (await fetch(`${server.url}/wait/x`, json({}))).text();
  }
  await server.server.drain(AbortSignal.timeout(2_000));
  expect(server.logs.every(({ message }) => message === 'request')).toBe(true);
});
