import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { defineOperation, type StreamContent } from '@org/contract';
import { ServiceError } from '@org/errors';
import { rawRequest, temporaryDirectory, waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { problemOf, serve, testRuntime, type TestOptions } from '../test-fixtures/serve.ts';
import { implement, reply, type Exchange, type Reply } from './index.ts';

const exportThings = defineOperation({
  id: 'exportThings',
  method: 'GET',
  path: '/export',
  summary: 'All things',
  success: { status: 200, description: 'All things', stream: { mediaType: 'text/csv; charset=utf-8' } },
});

type Given = StreamContent | Reply<StreamContent>;

async function serveExport(handler: (exchange: Exchange) => Given | Promise<Given>, options?: TestOptions) {
  const server = await serve([implement(exportThings, (_, exchange) => handler(exchange))], options);
  return Object.assign(server, { export: `${server.url}/export` });
}

/** A source that tells how far it was read and whether it was let go. */
function watched(chunk: (index: number) => string | Uint8Array | Promise<never>, count = Number.POSITIVE_INFINITY) {
  const seen = { read: 0, ended: false };
  async function* generate() {
    try {
      while (seen.read < count) {
        // A source that never waits would let nothing else happen.
        await nextTurn();
        yield await chunk(seen.read++);
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, stream: generate() };
}

async function answerTo(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const [response] = (await once(httpGet(url, { headers, agent: false }), 'response')) as [IncomingMessage];
  return response;
}

describe('a stream', () => {
  test('is sent as it comes, in the media type of the contract', async () => {
    await using server = await serveExport(async function* () {
      yield 'id,name\n';
      await nextTurn();
      yield new TextEncoder().encode('1,ä\n');
      yield '';
    } as never);
    const response = await fetch(server.export);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('accept-ranges')).toBe('none');
    expect(response.headers.has('content-length')).toBe(false);
    expect(await response.text()).toBe('id,name\n1,ä\n');
    expect(server.requests()).toMatchObject([{ status: 200, route: '/export' }]);
  });

  test.each<[string, () => Given]>([
    ['a stream of Node', () => Readable.from(['a', 'b'])],
    ['a stream of the web', () => new Blob(['ab']).stream()],
    ['text', () => 'ab'],
    ['bytes', () => new Uint8Array([97, 98])],
    ['a part of a buffer', () => Buffer.from('xabx').subarray(1, 3)],
    ['a reply around one', () => reply({ headers: { 'x-a': 'b' }, body: Readable.from(['ab']) })],
  ])('may be %s', async (_, content) => {
    await using server = await serveExport(content);
    const response = await fetch(server.export);
    expect([response.status, await response.text()]).toEqual([200, 'ab']);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  });

  test('may be empty', async () => {
    await using server = await serveExport(() => Readable.from([]));
    const response = await fetch(server.export);
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('has the headers of its reply, and its length when that is known', async () => {
    const headers = { 'content-length': '4', 'content-disposition': 'attachment; filename="things.csv"' };
    await using server = await serveExport(() => reply({ headers, body: Readable.from(['ab', 'cd']) }));
    const response = await fetch(server.export);
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
    expect(await response.text()).toBe('abcd');
  });

  test('goes to a client of HTTP/1.0 until the connection ends', async () => {
    await using server = await serveExport(() => Readable.from(['ab', 'cd']));
    const { text, end } = await rawRequest(server.server.port, 'GET /export HTTP/1.0\r\n\r\n');
    expect(text).toMatch(/\r\n\r\nabcd$/);
    expect(text).not.toMatch(/transfer-encoding/i);
    expect(end).toBe('closed');
  });

  test('lets the connection go on to the next request', async () => {
    await using server = await serveExport(() => Readable.from(['ab']));
    const request = 'GET /export HTTP/1.1\r\nhost: a\r\n';
    const { text } = await rawRequest(server.server.port, `${request}\r\n${request}connection: close\r\n\r\n`);
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  test('of a file arrives whole', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'things');
    const bytes = Buffer.alloc(5_000_000, 'abcdefghijklmnopqrstuvw');
    await writeFile(path, bytes);
    await using server = await serveExport(() => createReadStream(path));
    const got = Buffer.from(await (await fetch(server.export)).arrayBuffer());
    const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
    expect(digest(got)).toBe(digest(bytes));
  });

  test('is refused where Accept leaves it out', async () => {
    const { seen, stream } = watched(() => 'x');
    await using server = await serveExport(() => stream);
    const problem = await problemOf(await fetch(server.export, { headers: { accept: 'application/json' } }));
    expect(problem).toMatchObject({ status: 406, reason: 'NOT_ACCEPTABLE' });
    expect(problem.detail).toContain('text/csv');
    expect(seen.read).toBe(0);
  });

  test('is asked for by HEAD and not read', async () => {
    const { seen, stream } = watched(() => 'x');
    await using server = await serveExport(() => reply({ headers: { 'content-length': '7' }, body: stream }));
    const response = await fetch(server.export, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-length')).toBe('7');
    expect(seen.read).toBe(0);
  });

  test('that the client has already is not read', async () => {
    const { seen, stream } = watched(() => 'x');
    await using server = await serveExport(() => reply({ headers: { etag: '"1"' }, body: stream }));
    expect((await fetch(server.export, { headers: { 'if-none-match': '"1"' } })).status).toBe(304);
    expect(seen.read).toBe(0);
  });
});

describe('back-pressure', () => {
  test('stops the source while the client does not read', async () => {
    const { seen, stream } = watched(() => Buffer.alloc(64 * 1024), 1_000);
    await using server = await serveExport(() => stream);
    const response = await answerTo(server.export);
    response.pause();
    // The source comes to a halt with what fits into the buffers of both ends, far from the 64 MiB that there are.
    let before = -1;
    await waitFor(
      async () => {
        const still = seen.read === before && seen.read > 0;
        before = seen.read;
        for (let turn = 0; turn < 50; turn += 1) await nextTurn();
        return still;
      },
      { what: 'the source to stop' },
    );
    expect(seen.read).toBeLessThan(500);
    let size = 0;
    for await (const chunk of response) size += (chunk as Buffer).length;
    expect(size).toBe(1_000 * 64 * 1024);
    expect(seen.ended).toBe(true);
  });
});

describe('a stream that fails', () => {
  test('before its first chunk is a problem document', async () => {
    await using server = await serveExport(async function* () {
      yield await Promise.reject<string>(new ServiceError('not_found', 'No such export', { reason: 'NO_EXPORT' }));
    } as never);
    const problem = await problemOf(await fetch(server.export));
    expect(problem).toMatchObject({ status: 404, reason: 'NO_EXPORT', detail: 'No such export' });
  });

  test('because a file is not there is a logged 500', async () => {
    await using server = await serveExport(() => createReadStream('/nothing/here'));
    expect((await problemOf(await fetch(server.export))).status).toBe(500);
    expect(server.logs).toMatchObject([{ level: 'error', fields: { err: { cause: { code: 'ENOENT' } } } }]);
  });

  test('because a file is not there, and was asked for by HEAD, ends nothing else', async () => {
    await using server = await serveExport(() => createReadStream('/nothing/here'));
    expect((await fetch(server.export, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(server.export)).status).toBe(500);
  });

  test.each<[string, unknown, object]>([
    ['an error', new Error('the disk is gone'), { err: { code: 'internal', cause: { message: 'the disk is gone' } } }],
    ['what blames the caller', new ServiceError('not_found', 'No row'), { err: { reason: 'STREAM_BROKEN' } }],
    ['what blames the service', new ServiceError('unavailable', 'No database'), { err: { code: 'unavailable' } }],
  ])('half-way with %s breaks the connection, and is one error line', async (_, thrown, logged) => {
    const { seen, stream } = watched((index) => {
      if (index < 3) return 'row\n';
      throw thrown;
    });
    await using server = await serveExport(() => stream);
    const { text, end } = await rawRequest(server.server.port, 'GET /export HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(text).toContain('row\n');
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(['closed', 'reset']).toContain(end);
    await waitFor(() => server.logs.length > 0, { what: 'the line' });
    expect(server.logs).toMatchObject([
      { level: 'error', message: 'request', fields: { status: 200, aborted: true, ...logged } },
    ]);
    expect(seen.ended).toBe(true);
  });

  test.each<[string, () => unknown]>([
    ['no stream', () => ({ rows: [] })],
    ['nothing', () => undefined],
    ['a number', () => 7],
    ['a stream of objects', () => Readable.from([{ a: 1 }])],
    ['a stream with a 204', () => reply({ status: 204, body: Readable.from(['a']) })],
    ['text with a 304', () => reply({ status: 304, body: 'a' })],
    ['a length that is none', () => reply({ headers: { 'content-length': 'x' }, body: Readable.from(['a']) })],
    ['a length of what is there as a whole', () => reply({ headers: { 'content-length': '2' }, body: 'a' })],
    ['another type', () => reply({ headers: { 'content-type': 'text/html' }, body: Readable.from(['a']) })],
    ['an error status', () => reply({ status: 500, body: Readable.from(['a']) })],
  ])('by giving %s is a logged 500', async (_, given) => {
    await using server = await serveExport(given as never);
    expect(await problemOf(await fetch(server.export))).toMatchObject({ status: 500, reason: 'RESPONSE_INVALID' });
    expect(server.logs).toMatchObject([{ level: 'error' }]);
  });

  test.each([
    ['longer', ['ab', 'cd']],
    ['shorter', ['a']],
  ])('by being %s than it said takes no other answer along', async (_, chunks) => {
    await using server = await serveExport(() =>
      reply({ headers: { 'content-length': '2' }, body: Readable.from(chunks) }),
    );
    await expect(fetch(server.export).then((response) => response.text())).rejects.toThrow();
    await waitFor(() => server.logs.length > 0, { what: 'the line' });
    expect(server.logs).toMatchObject([{ level: 'error', fields: { aborted: true } }]);
  });

  test('with the time that its caller gives breaks off', async () => {
    const never = new Promise<never>(() => {});
    const results = [Promise.resolve({ done: false, value: 'a' })];
    const held = { next: () => results.shift() ?? never };
    await using server = await serveExport(() => ({ [Symbol.asyncIterator]: () => held }));
    const response = fetch(server.export, { headers: { 'x-request-timeout': '50' } });
    await expect(response.then((answer) => answer.text())).rejects.toThrow();
    await waitFor(() => server.logs.length > 0, { what: 'the line' });
    expect(server.logs).toMatchObject([
      { level: 'info', fields: { status: 200, aborted: true, code: 'deadline_exceeded' } },
    ]);
  });
});

describe('a client that leaves', () => {
  test('half-way lets the source go, and aborts the call', async () => {
    const { seen, stream } = watched(() => Buffer.alloc(1024));
    let signal: AbortSignal | undefined;
    await using server = await serveExport((exchange) => {
      ({ signal } = exchange);
      return stream;
    });
    const response = await answerTo(server.export);
    response.destroy();
    await waitFor(() => seen.ended, { what: 'the source to be let go' });
    expect(signal).toMatchObject({ aborted: true, reason: { reason: 'CLIENT_GONE' } });
    await waitFor(() => server.requests().length > 0, { what: 'the line' });
    expect(server.requests()).toMatchObject([{ status: 200, aborted: true }]);
  });

  test('while it reads nothing destroys a stream of Node', async () => {
    const source = new Readable({ read: () => void source.push(Buffer.alloc(64 * 1024)) });
    await using server = await serveExport(() => source);
    const response = await answerTo(server.export);
    response.pause();
    response.destroy();
    await waitFor(() => source.destroyed, { what: 'the source to be destroyed' });
  });

  test('before the first chunk lets go of a source that never gives one', async () => {
    const source = new Readable({ read: () => undefined });
    await using server = await serveExport(() => source);
    const request = httpGet(server.export, { agent: false }).on('error', () => undefined);
    await waitFor(() => source.listenerCount('readable') > 0, { what: 'the source to be read' });
    request.destroy();
    await waitFor(() => source.destroyed, { what: 'the source to be destroyed' });
    await waitFor(() => server.requests().length > 0, { what: 'the line' });
    expect(server.requests()).toMatchObject([{ status: 499, aborted: true }]);
  });
});

test('a stop waits for a stream to its end', async () => {
  const gate = Promise.withResolvers<void>();
  const runtime = testRuntime();
  await using server = await serveExport(
    async function* () {
      yield 'a';
      await gate.promise;
      yield 'b';
    } as never,
    { runtime },
  );
  const response = await fetch(server.export);
  runtime.stop.abort();
  const drained = server.server.drain(new AbortController().signal);
  gate.resolve();
  expect(await response.text()).toBe('ab');
  await drained;
});
