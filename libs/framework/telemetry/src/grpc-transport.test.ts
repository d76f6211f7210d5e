import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { freePort, waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { createGrpcTransport } from './grpc-transport.ts';
import { retrying } from './retry.ts';

type Answer = (stream: ServerHttp2Stream) => void;

/** A server of HTTP/2 that answers each call in some way. */
async function serve(answer: Answer) {
  const calls: { headers: Record<string, unknown>; body: Buffer }[] = [];
  const server: Http2Server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    void buffer(stream)
      .then((body) => calls.push({ headers, body }))
      .then(() => answer(stream))
      .catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    sessions,
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const open = (url: string, compression: 'none' | 'gzip' = 'none') =>
  createGrpcTransport({ url, path: '/test.Service/Export', headers: { 'x-key': 'k' }, tls: {}, compression });

const withTrailers =
  (trailers: Record<string, string>, body = Buffer.alloc(5)): Answer =>
  (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(body);
  };
const alone =
  (headers: Record<string, string | number>): Answer =>
  (stream) =>
    stream.respond(headers, { endStream: true });

const message = Buffer.from('hello');

describe.each(['none', 'gzip'] as const)('with compression %s', (compression) => {
  test('a call is a framed message with the headers of gRPC', async () => {
    await using server = await serve(withTrailers({ 'grpc-status': '0' }, Buffer.from([0, 0, 0, 0, 2, 8, 1])));
    const transport = open(server.url, compression);
    expect(await transport.send(message, 1_000)).toEqual({ status: 'success', data: Buffer.from([8, 1]) });
    transport.shutdown();
    const [{ headers, body }] = server.calls as [(typeof server.calls)[number]];
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':path': '/test.Service/Export',
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      'grpc-timeout': '1000m',
      'x-key': 'k',
    });
    expect(headers['grpc-encoding']).toBe(compression === 'gzip' ? 'gzip' : undefined);
    expect(body.readUInt8(0)).toBe(compression === 'gzip' ? 1 : 0);
    expect(body.readUInt32BE(1)).toBe(body.length - 5);
    const sent = body.subarray(5);
    expect(compression === 'gzip' ? gunzipSync(sent) : sent).toEqual(message);
  });
});

// https://opentelemetry.io/docs/specs/otlp/#failures
describe('an answer', () => {
  test.each<[string, Answer, string, string]>([
    ['with status 0', withTrailers({ 'grpc-status': '0' }), 'success', ''],
    ['unavailable', withTrailers({ 'grpc-status': '14', 'grpc-message': 'a%20b' }), 'retryable', 'gRPC status 14: a b'],
    ['without a body', alone({ ':status': 200, 'grpc-status': '4' }), 'retryable', 'gRPC status 4'],
    ['that is invalid', withTrailers({ 'grpc-status': '3', 'grpc-message': '%zz' }), 'failure', 'gRPC status 3: %zz'],
    ['unauthenticated', alone({ ':status': 200, 'grpc-status': '16' }), 'failure', 'gRPC status 16'],
    ['that ran out of quota', alone({ ':status': 200, 'grpc-status': '8' }), 'failure', 'gRPC status 8'],
    ['of HTTP alone', alone({ ':status': 503 }), 'retryable', 'HTTP status 503, no gRPC status'],
    [
      'without trailers',
      (stream) => void (stream.respond({ ':status': 200 }), stream.end()),
      'retryable',
      'HTTP status 200',
    ],
    ['that is reset', (stream) => stream.close(2), 'retryable', 'NGHTTP2_INTERNAL_ERROR'],
    ['that is too long', withTrailers({ 'grpc-status': '0' }, Buffer.alloc(1_000_000)), 'retryable', 'longer than'],
  ])('%s', async (_, answer, status, text) => {
    await using server = await serve(answer);
    const transport = open(server.url);
    const given = await transport.send(message, 5_000);
    transport.shutdown();
    expect(given.status).toBe(status);
    expect(String('error' in given ? given.error?.message : '')).toContain(text);
  });

  test('that does not come in time ends the call, and the session with it', async () => {
    await using server = await serve(() => {});
    const transport = open(server.url);
    const given = await transport.send(message, 100);
    expect(given).toMatchObject({ status: 'retryable', error: { message: 'no answer after 100 ms' } });
    await transport.send(message, 100);
    expect(server.sessions.size).toBe(2);
    transport.shutdown();
  });
});

describe('a peer', () => {
  test('that is not there is a failure that may pass', async () => {
    const transport = open(`http://127.0.0.1:${await freePort()}`);
    expect(await transport.send(message, 1_000)).toMatchObject({
      status: 'retryable',
      error: { message: expect.stringContaining('ECONNREFUSED') as string },
    });
    transport.shutdown();
  });

  test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', '\u0000'.repeat(1_000), ''])(
    'that does not speak HTTP/2 (%j) is one too',
    async (text) => {
      const server = createTcpServer((socket) => void socket.on('error', () => {}).end(text)).listen(0);
      await once(server, 'listening');
      const transport = open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(await transport.send(message, 2_000)).toMatchObject({ status: 'retryable' });
      transport.shutdown();
      server.close();
    },
  );

  test('that ends the session is called on another', async () => {
    await using server = await serve(withTrailers({ 'grpc-status': '0' }));
    const transport = open(server.url);
    await transport.send(message, 1_000);
    await transport.send(message, 1_000);
    expect(server.sessions.size).toBe(1);
    for (const session of server.sessions) session.destroy();
    await waitFor(async () => (await transport.send(message, 1_000)).status === 'success', { what: 'a new session' });
    expect(server.sessions.size).toBe(2);
    transport.shutdown();
  });
});

describe('sending again', () => {
  test('helps against what passes, within the time-out', async () => {
    let calls = 0;
    const given = await retrying({
      send: async () => ((calls += 1) === 2 ? { status: 'success' } : { status: 'retryable' }),
      shutdown() {},
    }).send(message, 10_000);
    expect(given).toEqual({ status: 'success' });
    expect(calls).toBe(2);
  });

  test.each([
    ['failure', { status: 'failure', error: new Error('no') }, 10_000],
    ['time that is over', { status: 'retryable' }, 500],
  ] as const)('is not done for a %s', async (_, answer, timeoutMs) => {
    let calls = 0;
    const send = async () => ((calls += 1), answer);
    expect(await retrying({ send, shutdown() {} }).send(message, timeoutMs)).toBe(answer);
    expect(calls).toBe(1);
  });
});
