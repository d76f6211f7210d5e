import { once } from 'node:events';
import { connect } from 'node:net';
import { defineOperation } from '@org/contract';
import { rawRequest } from '@org/testing';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { serve } from '../test-fixtures/serve.ts';
import { implement } from './index.ts';

const place = defineOperation({
  id: 'place',
  method: 'POST',
  path: '/orders',
  summary: 'Place',
  body: z.object({ name: z.string() }),
  success: { status: 200, description: 'Done', body: z.object({ name: z.string() }) },
});

async function serveOrders() {
  const placed: string[] = [];
  const server = await serve([
    implement(place, async ({ body: { name } }) => {
      // The answer is not there yet when what stands behind the request is read.
      await nextTurn();
      placed.push(name);
      return { name };
    }),
  ]);
  return Object.assign(server, { placed, send: (bytes: string) => rawRequest(server.server.port, bytes) });
}

const order = (name: string, more = '') => {
  const body = JSON.stringify({ name });
  return `POST /orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
};
const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('what stands behind a request', () => {
  test('and is none does not take the place of its answer', async () => {
    await using server = await serveOrders();
    const { text, end } = await server.send(`${order('a')}nonsense\r\n\r\n`);
    expect([statuses(text), end, server.placed]).toEqual([[200], 'closed', ['a']]);
  });

  test('is nothing where the connection was to close', async () => {
    await using server = await serveOrders();
    const { text, end } = await server.send(`${order('a', 'connection: close\r\n')}\r\n${order('b')}`);
    expect([statuses(text), end, server.placed]).toEqual([[200], 'closed', ['a']]);
  });

  test('is answered in its turn where it is one', async () => {
    await using server = await serveOrders();
    const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
    const { text } = await server.send(
      `${names.map((name) => order(name)).join('')}GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    expect(statuses(text)).toEqual([...names.map(() => 200), 404]);
    expect(server.placed).toEqual(names);
  });

  test('is refused when it is more than one connection may ask for at a time', async () => {
    await using server = await serveOrders();
    const { text, end } = await server.send(order('a').repeat(400));
    expect(statuses(text)).toEqual([...Array.from({ length: 128 }, () => 200), 503]);
    expect([end, server.placed.length]).toEqual(['closed', 128]);
    expect(text).toContain('retry-after: 1');
  });

  test('and is garbage in many packets ends the connection once', async () => {
    await using server = await serveOrders();
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const { text, end } = await server.send(`${order('a')}${'nonsense\r\n'.repeat(200_000)}`);
    await nextTurn();
    process.off('warning', note);
    expect([statuses(text), end, warnings]).toEqual([[200], 'closed', []]);
  });

  test('is not looked at behind an upgrade, which is not made', async () => {
    await using server = await serveOrders();
    const { text, end } = await server.send(`${order('a', 'connection: upgrade\r\nupgrade: h2c\r\n')}${order('b')}`);
    expect([statuses(text), end, server.placed]).toEqual([[200], 'closed', ['a']]);
  });
});

describe('a body that nobody waits for', () => {
  test.each([
    ['too large', 'content-length: 1073741824\r\n\r\n{', 413],
    ['without end', `transfer-encoding: chunked\r\n\r\n${`4000\r\n${'x'.repeat(0x4000)}\r\n`.repeat(5)}`, 413],
    ['in a strange coding', 'transfer-encoding: gzip, chunked\r\n\r\n5\r\n"abc"\r\n', 415],
  ])('%s ends the connection behind the answer', async (_, rest, status) => {
    await using server = await serveOrders();
    const head = `POST /orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${rest}`;
    const { text, end } = await server.send(head);
    expect([statuses(text), end]).toEqual([[status], 'closed']);
    expect(text).toContain('connection: close');
  });

  test('and is small lets the connection go on', async () => {
    await using server = await serveOrders();
    const lost = 'POST /nowhere HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n12345';
    const { text } = await server.send(`${lost}${order('a', 'connection: close\r\n')}`);
    expect(statuses(text)).toEqual([404, 200]);
  });
});

describe('a body that goes wrong half-way', () => {
  test.each([
    ['by a chunk that is none', 'transfer-encoding: chunked\r\n\r\n-1\r\nx\r\n'],
    ['by its end', 'content-length: 100\r\n\r\n{"name":'],
  ])('%s is answered with 400, and nothing goes on behind it', async (_, rest) => {
    await using server = await serveOrders();
    const socket = connect({ port: server.server.port, host: '127.0.0.1' });
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.end(`POST /orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${rest}`);
    await once(socket, 'close');
    expect(statuses(text)).toEqual([400]);
    await server.server.drain(AbortSignal.timeout(2_000));
    expect(server.logs.filter(({ level }) => level !== 'info')).toEqual([]);
    expect(server.placed).toEqual([]);
  });
});

describe('a head', () => {
  test.each([
    ['of HTTP/2.0', 'GET / HTTP/2.0\r\nhost: a\r\n\r\n', 400],
    ['with two hosts', 'GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n', 400],
    ['with a host that is none', 'GET / HTTP/1.1\r\nhost: a b\r\n\r\n', 400],
    ['with somebody before the host', 'GET / HTTP/1.1\r\nhost: me@a\r\n\r\n', 400],
    ['with an address', 'GET / HTTP/1.1\r\nhost: [::1]:80\r\nconnection: close\r\n\r\n', 404],
    ['that asks for a tunnel', 'CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n', 405],
    ['with a fragment', 'GET /orders#x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 400],
  ])('%s is answered with a problem', async (_, head, status) => {
    await using server = await serveOrders();
    const { text } = await rawRequest(server.server.port, head, { until: /"requestId":"[^"]+"/ });
    expect(statuses(text)).toEqual([status]);
  });
});
