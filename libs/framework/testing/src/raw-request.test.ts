import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { rawRequest } from './raw-request.ts';

async function listen(server: net.Server): Promise<AsyncDisposable & { port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => void (await new Promise((resolve) => server.close(resolve))),
  };
}

describe('rawRequest', () => {
  test('sends what no client would, and reads the answer to its end', async () => {
    await using server = await listen(createServer());
    const { text, end } = await rawRequest(server.port, 'GET / HTTP/9.9\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(end).toBe('closed');
  });

  test('sends bytes as they are', async () => {
    await using server = await listen(net.createServer((socket) => socket.once('data', (data) => socket.end(data))));
    const { text } = await rawRequest(server.port, Uint8Array.of(0, 0xff, 0x80));
    expect(text).toBe('\u0000\u00ff\u0080');
  });

  test('stops at what it was to read up to', async () => {
    await using server = await listen(createServer((_, response) => response.end('whole')));
    const answer = await rawRequest(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', { until: /whole$/ });
    expect(answer.end).toBe('matched');
  });

  test('gives up a server that neither answers nor closes', async () => {
    await using server = await listen(createServer());
    const answer = await rawRequest(server.port, 'GET / HTTP/1.1\r\nHost: ', { timeoutMs: 30 });
    expect(answer).toEqual({ text: '', end: 'timeout' });
  });

  test('tells a reset from a refused connection', async () => {
    await using server = await listen(
      net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    );
    expect(await rawRequest(server.port, 'x')).toEqual({ text: '', end: 'reset' });
    expect(await rawRequest(await freePort(), 'x')).toEqual({ text: '', end: 'refused' });
  });

  test('reads at most about 1 MiB', async () => {
    await using server = await listen(
      net.createServer((socket) => {
        socket.on('error', () => undefined);
        const flood = () => {
          while (socket.writable && socket.write('x'.repeat(65_536)));
        };
        socket.on('drain', flood);
        flood();
      }),
    );
    const { text, end } = await rawRequest(server.port, 'x');
    expect(end).toBe('full');
    expect(text.length).toBeLessThan(2 * 1024 * 1024);
  });
});
