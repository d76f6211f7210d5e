import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { load } from './load.ts';
import { waitFor } from './wait-for.ts';

async function serve(handler: RequestListener) {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    server,
    sockets,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () => close(server),
  };
}

const close = async (server: Server) => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

describe('load', () => {
  test('keeps its connections and counts whole answers by status', async () => {
    let seen = 0;
    await using service = await serve((request, response) => {
      seen += 1;
      response.statusCode = seen % 2 ? 200 : 503;
      request.pipe(response);
    });
    await using traffic = load({ url: service.url, connections: 5, method: 'POST', body: 'echo' });
    await waitFor(() => traffic.counts().answered >= 100, { what: 'a hundred answers' });
    expect(service.sockets.size).toBeLessThanOrEqual(5);
    const counts = await traffic.stop();
    expect(counts.answered).toBe(seen);
    expect((counts.answers[200] ?? 0) + (counts.answers[503] ?? 0)).toBe(seen);
    expect(counts).toMatchObject({ refused: 0, reset: 0, timedOut: 0, faults: [] });
  });

  test('stops beginning requests, and waits for those under way', async () => {
    const answer = Promise.withResolvers<void>();
    let seen = 0;
    await using service = await serve((_, response) => {
      seen += 1;
      void answer.promise.then(() => response.end('late'));
    });
    const traffic = load({ url: service.url, connections: 3 });
    await waitFor(() => seen === 3, { what: 'three requests' });
    const stopped = traffic.stop();
    expect(traffic.counts().answered).toBe(0);
    answer.resolve();
    expect(await stopped).toMatchObject({ answered: 3, answers: { 200: 3 } });
    expect(seen).toBe(3);
    await waitFor(() => service.sockets.size === 0, { what: 'the connections to close' });
    expect(await traffic.stop()).toMatchObject({ answered: 3 });
  });

  test('counts connections that are refused apart, and comes back when there is a server', async () => {
    const port = await freePort();
    await using traffic = load({ url: `http://127.0.0.1:${port}/`, connections: 2 });
    await waitFor(() => traffic.counts().refused >= 4, { what: 'refused connections' });
    expect(traffic.counts()).toMatchObject({ answered: 0, reset: 0 });
    const server = createServer((_, response) => response.end()).listen(port, '127.0.0.1');
    await waitFor(() => traffic.counts().answered >= 4, { what: 'answers' });
    expect(await traffic.stop()).toMatchObject({ reset: 0, timedOut: 0 });
    await close(server);
  });

  test.each<[string, RequestListener]>([
    ['before its answer', (request) => request.socket.resetAndDestroy()],
    ['in the midst of its answer', (_, response) => response.write('half', () => response.destroy())],
    ['without a word', (request) => request.socket.end()],
  ])('counts a request as reset whose connection ends %s', async (_, handler) => {
    await using service = await serve(handler);
    await using traffic = load({ url: service.url, connections: 2 });
    await waitFor(() => traffic.counts().reset >= 30, { what: 'resets' });
    const counts = await traffic.stop();
    expect(counts).toMatchObject({ answered: 0, refused: 0, timedOut: 0 });
    expect(counts.faults).toHaveLength(20);
    expect(counts.faults[0]).toMatch(/ on a (new|kept) connection$/);
  });

  test('gives up a request that takes too long', async () => {
    await using service = await serve(() => undefined);
    await using traffic = load({ url: service.url, connections: 2, timeoutMs: 20 });
    await waitFor(() => traffic.counts().timedOut >= 2, { what: 'requests whose time is over' });
    expect(await traffic.stop()).toMatchObject({ answered: 0, reset: 0, refused: 0 });
  });

  test('waits between the requests of a connection as long as it is told, and no longer than until it is stopped', async () => {
    await using service = await serve((_, response) => response.end());
    await using traffic = load({ url: service.url, connections: 3, pauseMs: 3_600_000 });
    await waitFor(() => traffic.counts().answered === 3, { what: 'an answer on each connection' });
    expect(await traffic.stop()).toMatchObject({ answered: 3 });
  });

  test('drives a hundred connections at once', async () => {
    await using service = await serve((_, response) => setImmediate(() => response.end('ok')));
    await using traffic = load({ url: service.url, connections: 100 });
    await waitFor(() => service.sockets.size === 100, { what: 'a hundred connections' });
    await waitFor(() => traffic.counts().answered >= 1_000, { what: 'a thousand answers' });
    expect(service.sockets.size).toBe(100);
    expect(await traffic.stop()).toMatchObject({ reset: 0, refused: 0, timedOut: 0 });
  });

  test.each([0, -1, 1.5, 1_001, Number.NaN])('refuses %s connections', (connections) => {
    expect(() => load({ url: 'http://127.0.0.1:1/', connections })).toThrow(RangeError);
  });
});
