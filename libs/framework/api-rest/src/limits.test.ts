import { connect } from 'node:net';
import { defineOperation } from '@org/contract';
import { rawRequest, waitFor } from '@org/testing';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { json, problemOf, serve } from '../test-fixtures/serve.ts';
import { implement, type Exchange, type RestSettings } from './index.ts';
import { isDeeperThan } from './nesting.ts';

const echo = defineOperation({
  id: 'echo',
  method: 'POST',
  path: '/echo',
  summary: 'Echo',
  body: z.unknown(),
  success: { status: 200, description: 'The same', body: z.unknown() },
});
const wait = defineOperation({
  id: 'wait',
  method: 'GET',
  path: '/wait',
  summary: 'Wait',
  success: { status: 204, description: 'Done' },
});
const big = defineOperation({
  id: 'big',
  method: 'GET',
  path: '/big',
  summary: 'Much',
  success: { status: 200, description: 'Much', body: z.string() },
});

/** A server with an operation that ends when the test says so. */
async function serveLimited(settings: Partial<RestSettings>) {
  const gate = Promise.withResolvers<void>();
  const waiting: Exchange[] = [];
  const server = await serve(
    [
      implement(echo, ({ body }) => body),
      implement(wait, async (_, exchange) => {
        waiting.push(exchange);
        await gate.promise;
      }),
      implement(big, () => 'x'.repeat(50_000_000)),
    ],
    { settings },
  );
  return Object.assign(server, { release: () => gate.resolve(), waiting });
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('a request', () => {
  test('with a URL over the limit is refused, and one that reaches it is not', async () => {
    await using server = await serveLimited({ urlLimit: 100 });
    const path = `/wait?${'x'.repeat(94)}`;
    server.release();
    expect((await fetch(server.url + path)).status).toBe(204);
    expect(await problemOf(await fetch(`${server.url}${path}x`))).toMatchObject({
      status: 414,
      reason: 'URL_TOO_LONG',
    });
  });

  test.each([
    ['more bytes', `x-long: ${'x'.repeat(5_000)}\r\n`],
    ['more lines', 'a: b\r\n'.repeat(140)],
  ])('with headers of %s than the limit is refused', async (_, lines) => {
    await using server = await serveLimited({ headersLimit: 4_096 });
    const { text } = await rawRequest(server.server.port, `GET /wait HTTP/1.1\r\nhost: a\r\n${lines}\r\n`, {
      until: /HEADERS_TOO_LARGE/,
    });
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('with a body that is nested deeper than the limit is refused, and one as deep as that is not', async () => {
    await using server = await serveLimited({ nestingLimit: 40 });
    expect((await fetch(`${server.url}/echo`, json(nested(40)))).status).toBe(200);
    const problem = await problemOf(await fetch(`${server.url}/echo`, json(nested(41))));
    expect(problem).toMatchObject({ status: 400, reason: 'BODY_TOO_DEEP' });
  });
});

describe('the depth of a text', () => {
  test.each([
    ['[[[]]]', 3],
    ['{"a":{"b":[1,{"c":[]}]}}', 5],
    ['[],[],[],[],[]', 1],
    [JSON.stringify({ a: '[[[[[', b: '"[[[[\\' }), 1],
    ['"\\"[[[["', 0],
  ])('%s is %d', (text, depth) => {
    expect(isDeeperThan(text, depth)).toBe(false);
    if (depth > 0) expect(isDeeperThan(text, depth - 1)).toBe(true);
  });
});

describe('more requests than are worked on at a time', () => {
  test('are told to come back, and taken again when there is room', async () => {
    await using server = await serveLimited({ concurrency: 2 });
    const both = [fetch(`${server.url}/wait`), fetch(`${server.url}/wait`)];
    await waitFor(() => server.waiting.length === 2, { what: 'two requests at work' });
    const refused = await fetch(`${server.url}/wait`);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await problemOf(refused)).toMatchObject({ status: 503, code: 'unavailable', reason: 'OVERLOADED' });
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    server.release();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([204, 204]);
    expect((await fetch(`${server.url}/wait`)).status).toBe(204);
    expect(server.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

test('more connections than there may be are closed, and noted', async () => {
  await using server = await serveLimited({ connections: 1 });
  const first = connect(server.server.port, '127.0.0.1');
  await waitFor(() => first.readyState === 'open', { what: 'the first connection' });
  expect((await rawRequest(server.server.port, '')).end).toBe('closed');
  expect(server.logs).toMatchObject([{ level: 'warn', fields: { client: '127.0.0.1' } }]);
  first.destroy();
});

describe('time', () => {
  test('ends for a handler that never answers', async () => {
    await using server = await serveLimited({ timeoutMs: 50 });
    const problem = await problemOf(await fetch(`${server.url}/wait`));
    expect(problem).toMatchObject({ status: 504, code: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
    expect(server.waiting[0]?.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
  });

  test('that a caller gives is no longer than that of the service', async () => {
    await using server = await serveLimited({ timeoutMs: 50 });
    expect((await fetch(`${server.url}/wait`, { headers: { 'x-request-timeout': '60000' } })).status).toBe(504);
  });

  test('ends for headers that do not arrive', async () => {
    await using server = await serveLimited({ headersTimeoutMs: 100 });
    for (const bytes of ['', 'GET /wait HTTP/1.1\r\nhost: a\r\n']) {
      const { text, end } = await rawRequest(server.server.port, bytes);
      expect([text.slice(0, 12), end]).toEqual(['HTTP/1.1 408', 'closed']);
    }
  });

  test('ends for a body that does not arrive', async () => {
    await using server = await serveLimited({ transferTimeoutMs: 50 });
    const head = 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n"a';
    const { text, end } = await rawRequest(server.server.port, head);
    expect([text.slice(0, 12), end]).toEqual(['HTTP/1.1 408', 'closed']);
    expect(server.requests()).toMatchObject([{ status: 408, reason: 'REQUEST_TOO_SLOW' }]);
  });

  test('ends for a client that takes in nothing of its answer', async () => {
    await using server = await serveLimited({ transferTimeoutMs: 100 });
    const socket = connect({ port: server.server.port, host: '127.0.0.1' }).pause();
    socket.write('GET /big HTTP/1.1\r\nhost: a\r\n\r\n');
    await waitFor(() => server.requests().length === 1, { what: 'the line of the request' });
    expect(server.requests()).toMatchObject([{ status: 200, aborted: true }]);
    socket.destroy();
  });

  test('ends for an answer that was begun through the raw response and left there', async () => {
    await using server = await serve([], {
      settings: { timeoutMs: 50, transferTimeoutMs: 50 },
      middleware: [(_, response) => void response.writeHead(200, { 'content-length': '10' }).write('half')],
    });
    const { text, end } = await rawRequest(server.server.port, 'GET /big HTTP/1.1\r\nhost: a\r\n\r\n');
    expect([text.slice(-4), end]).toEqual(['half', 'closed']);
  });

  test('ends for work that goes on long after its answer, which is not waited for any more', async () => {
    await using server = await serveLimited({ timeoutMs: 20, transferTimeoutMs: 20, concurrency: 1 });
    for (let count = 0; count < 3; count += 1) expect((await fetch(`${server.url}/wait`)).status).toBe(504);
    await waitFor(() => server.logs.filter(({ message }) => message.includes('not waited for')).length === 3, {
      what: 'three notes',
    });
    await server.server.drain(AbortSignal.timeout(1_000));
    expect(server.logs.filter(({ message }) => message.includes('abandoned'))).toEqual([]);
  });

  test('ends for a connection without a next request', async () => {
    await using server = await serveLimited({ keepAliveTimeoutMs: 50 });
    server.release();
    const { text, end } = await rawRequest(server.server.port, 'GET /wait HTTP/1.1\r\nhost: a\r\n\r\n');
    expect([text.slice(0, 12), end]).toEqual(['HTTP/1.1 204', 'closed']);
  });
});
