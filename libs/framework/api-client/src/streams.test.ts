import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ServerResponse } from 'node:http';
import { createCall, runInCall } from '@org/context';
import type { ServerSentEvent } from '@org/contract';
import { waitFor } from '@org/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { json, problem, serve, type TestServer } from '../test-fixtures/serve.ts';
import { contract } from '../test-fixtures/streams.ts';
import { createClient, type ClientOptions } from './index.ts';

const clientOf = ({ url }: TestServer, options: ClientOptions = {}, timeoutMs = 5_000) =>
  createClient(contract, { url, timeoutMs }, { retry: { backoffMs: 1 }, ...options });

const csv = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' });
const events = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

/** A server whose answers never end, and a promise of the moment when the client has left. */
async function serveEndless(begin: (response: ServerResponse) => void) {
  const left = Promise.withResolvers<void>();
  const server = await serve((response) => {
    response.on('close', left.resolve);
    begin(response);
  });
  return Object.assign(server, { left: left.promise });
}

describe('an answer that is a stream', () => {
  test('is given as it arrives', async () => {
    const next = Promise.withResolvers<void>();
    await using server = await serve(async (response) => {
      csv(response).write('id\n');
      await next.promise;
      response.end('7\n');
    });
    const stream = await clientOf(server).exportOrders();
    expectTypeOf(stream).toEqualTypeOf<AsyncIterable<Uint8Array>>();
    const seen: string[] = [];
    for await (const chunk of stream) {
      seen.push(Buffer.from(chunk).toString());
      next.resolve();
    }
    expect(seen).toEqual(['id\n', '7\n']);
    expect(server.requests[0]!.headers).toMatchObject({ accept: 'text/csv; charset=utf-8, application/problem+json' });
  });

  test('may last longer than a call: its time counts until the head is here, and is not sent along', async () => {
    const next = Promise.withResolvers<void>();
    await using server = await serve(async (response) => {
      csv(response).write('id\n');
      await next.promise;
      response.end('7\n');
    });
    const stream = await clientOf(server, {}, 200).exportOrders();
    setTimeout(next.resolve, 400);
    expect(await text(Readable.from(stream))).toBe('id\n7\n');
    expect(server.requests[0]!.headers).not.toHaveProperty('x-request-timeout');
  });

  test('has its attempts repeated until the head is here', async () => {
    await using server = await serve((response, _, number) =>
      number === 1 ? problem(response, 503, {}) : csv(response).end('7\n'),
    );
    expect(await text(Readable.from(await clientOf(server).exportOrders()))).toBe('7\n');
  });

  test('whose head does not come is given up', async () => {
    await using server = await serveEndless(() => {});
    await expect(clientOf(server, { retry: false }, 1_000).exportOrders()).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    await server.left;
  });

  test.each<[string, (response: ServerResponse) => void, object]>([
    ['an error', (response) => problem(response, 404, { code: 'not_found' }), { code: 'not_found' }],
    ['another media type', (response) => json(response, 200, []), { code: 'internal', reason: 'ANSWER_MALFORMED' }],
  ])('and turns out to be %s fails as any other', async (_, respond, error) => {
    await using server = await serve(respond);
    await expect(clientOf(server).exportOrders()).rejects.toMatchObject(error);
  });

  test('that breaks off fails where it is read', async () => {
    await using server = await serve((response) => {
      csv(response).write('id\n');
      setImmediate(() => response.destroy());
    });
    const stream = await clientOf(server).exportOrders();
    await expect(text(Readable.from(stream))).rejects.toMatchObject({
      code: 'unavailable',
      reason: 'CONNECTION_FAILED',
    });
  });

  test('that has nothing for too long is given up', async () => {
    await using server = await serveEndless((response) => csv(response).write('id\n'));
    const stream = await clientOf(server, { streamIdleMs: 50 }).exportOrders();
    await expect(text(Readable.from(stream))).rejects.toMatchObject({
      code: 'deadline_exceeded',
      reason: 'STREAM_IDLE',
    });
    await server.left;
  });

  test('that nobody reads is given up', async () => {
    await using server = await serveEndless((response) => csv(response).write('id\n'));
    const stream = await clientOf(server, { streamIdleMs: 50 }).exportOrders();
    await server.left;
    await expect(text(Readable.from(stream))).rejects.toMatchObject({ reason: 'STREAM_IDLE' });
  });

  test('is closed when whoever reads it stops', async () => {
    await using server = await serveEndless((response) => csv(response).write('id\n'));
    for await (const chunk of await clientOf(server).exportOrders()) {
      expect(Buffer.from(chunk).toString()).toBe('id\n');
      break;
    }
    await server.left;
  });

  test('ends with the signal of whoever calls', async () => {
    await using server = await serveEndless((response) => csv(response).write('id\n'));
    const controller = new AbortController();
    const stream = await clientOf(server).exportOrders({}, { signal: controller.signal });
    controller.abort();
    await expect(text(Readable.from(stream))).rejects.toMatchObject({ code: 'cancelled' });
    await server.left;
  });

  test('ends with the call that it is read in, whose time is sent along', async () => {
    await using server = await serveEndless((response) => csv(response).write('id\n'));
    using call = createCall({ timeoutMs: 150 });
    const stream = await runInCall(call, () => clientOf(server, {}, 100).exportOrders());
    expect(Number(server.requests[0]!.headers['x-request-timeout'])).toBeGreaterThan(100);
    await expect(text(Readable.from(stream))).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await server.left;
  });

  test('is not read faster than by whoever reads it', async () => {
    let written = 0;
    await using server = await serveEndless((response) => {
      csv(response);
      const chunk = Buffer.alloc(2 ** 16, 'x');
      const write = () => {
        do written += chunk.length;
        while (response.write(chunk));
        response.once('drain', write);
      };
      write();
    });
    const stream = (await clientOf(server).exportOrders())[Symbol.asyncIterator]();
    await stream.next();
    let before = -1;
    await waitFor(() => before === (before = written), { what: 'the server to wait', intervalMs: 100 });
    expect(written).toBeLessThan(2 ** 25);
    await stream.return?.();
    await server.left;
  });
});

describe('events', () => {
  async function read(body: string | Buffer, options: ClientOptions = {}): Promise<ServerSentEvent<{ id: string }>[]> {
    await using server = await serve((response) => events(response).end(body));
    return Array.fromAsync(await clientOf(server, options).watchOrders());
  }

  test.each<[string, string | Buffer, ServerSentEvent[]]>([
    ['one', 'data: {"id":"7"}\n\n', [{ data: { id: '7' } }]],
    [
      'all of its fields',
      'id: 1\nevent: placed\nretry: 500\ndata: {"id":"7"}\n\n',
      [{ id: '1', event: 'placed', retry: 500, data: { id: '7' } }],
    ],
    ['data of several lines', 'data: {"id":\ndata: "7"}\n\n', [{ data: { id: '7' } }]],
    [
      'other ends of lines',
      'data:{"id":"7"}\r\n\r\ndata:{"id":"8"}\r\rdata:{"id":"9"}\n\n',
      ['7', '8', '9'].map((id) => ({ data: { id } })),
    ],
    ['heartbeats and unknown fields', ':\n\n: beat\nfoo: bar\nid\n\ndata: {"id":"7"}\n\n', [{ data: { id: '7' } }]],
    ['a mark of the byte order', '\ufeffdata: {"id":"7"}\n\n', [{ data: { id: '7' } }]],
    ['an end in the middle', 'data: {"id":"7"}\n\ndata: {"id":"8"}\n', [{ data: { id: '7' } }]],
    [
      'a retry that is none, and an id with NUL',
      'retry: soon\nid: a\0b\ndata: {"id":"7"}\n\n',
      [{ data: { id: '7' } }],
    ],
    ['more than was promised', 'data: {"id":"7","color":"red"}\n\n', [{ data: { id: '7' } }]],
    ['nothing', '', []],
  ])('are read with %s', async (_, body, expected) => {
    expect(await read(body)).toEqual(expected);
  });

  test.each<[string, string | Buffer, string]>([
    ['data that is not JSON', 'data: {"id":"hunter2"\n\n', 'ANSWER_MALFORMED'],
    ['data that was not promised', 'data: {"id":7}\n\n', 'ANSWER_INVALID'],
    ['bytes that are not UTF-8', Buffer.from('data: {"id":"\xff"}\n\n', 'latin1'), 'ANSWER_MALFORMED'],
    ['an endless line', `data: ${'x'.repeat(2_000)}`, 'ANSWER_TOO_LARGE'],
    ['an endless event', 'data: x\n'.repeat(500), 'ANSWER_TOO_LARGE'],
  ])('fail with %s, without a piece of it', async (_, body, reason) => {
    const thrown = await read(body, { maximumBodyBytes: 1_000 }).catch((error: unknown) => error as Error);
    expect(thrown).toMatchObject({ code: 'internal', reason });
    expect((thrown as Error).message).not.toContain('hunter2');
  });

  test('are given one by one, whatever the pieces are in which they arrive', async () => {
    const body = Buffer.from('id: 1\r\ndata: {"id":"ü"}\r\n\r\ndata: {"id":"8"}\r\n\r\n');
    await using server = await serve(async (response) => {
      events(response);
      for (const byte of body) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    });
    const seen = await Array.fromAsync(await clientOf(server).watchOrders());
    expect(seen).toEqual([{ id: '1', data: { id: 'ü' } }, { data: { id: '8' } }]);
  });

  test('end the connection when whoever reads them stops', async () => {
    await using server = await serveEndless((response) => events(response).write('data: {"id":"7"}\n\n'));
    for await (const { data } of await clientOf(server).watchOrders()) {
      expectTypeOf(data).toEqualTypeOf<{ id: string }>();
      break;
    }
    await server.left;
  });
});

describe('an upload', () => {
  const sizes = (server: TestServer) => server.requests.map(({ body }) => body);
  const respond = (response: ServerResponse, { body }: { body: string }) => json(response, 200, { bytes: body.length });

  async function* lines() {
    yield 'id\n';
    yield Buffer.from('7\n');
  }

  test.each<[string, () => AsyncIterable<Uint8Array | string> | Uint8Array | string]>([
    ['text', () => 'id\n7\n'],
    ['bytes', () => Buffer.from('id\n7\n')],
    ['a generator', lines],
    ['a Readable', () => Readable.from(lines())],
  ])('of %s is sent in its media type', async (_, content) => {
    await using server = await serve(respond);
    const answer = await clientOf(server).importOrders({ body: { mediaType: 'text/csv', content: content() } });
    expect(answer).toEqual({ bytes: 5 });
    expect(sizes(server)).toEqual(['id\n7\n']);
    expect(server.requests[0]!.headers['content-type']).toBe('text/csv');
  });

  test('with a known length says so', async () => {
    await using server = await serve(respond);
    await clientOf(server).importOrders({ body: { mediaType: 'text/csv', length: 5, content: lines() } });
    expect(server.requests[0]!.headers['content-length']).toBe('5');
  });

  test.each([3, 50])('of 5 bytes that says it has %d is the fault of whoever calls', async (length) => {
    await using server = await serve(respond);
    const call = clientOf(server).importOrders({ body: { mediaType: 'text/csv', length, content: lines() } });
    await expect(call).rejects.toMatchObject({ code: 'invalid_argument', reason: 'REQUEST_UNSENDABLE' });
    expect(server.requests).toEqual([]);
  });

  test('whose source fails ends the call, with the failure as its cause', async () => {
    await using server = await serve(respond);
    async function* broken() {
      yield 'id\n';
      throw new Error('the disk is gone');
    }
    const thrown = await clientOf(server)
      .importOrders({ body: { mediaType: 'text/csv', content: broken() } })
      .catch((error: unknown) => error as Error);
    expect(thrown).toMatchObject({
      code: 'internal',
      reason: 'UPLOAD_UNREADABLE',
      cause: { message: 'the disk is gone' },
    });
    expect(server.requests).toEqual([]);
  });
});
