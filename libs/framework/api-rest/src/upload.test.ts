import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { defineOperation, type Upload } from '@org/contract';
import { rawRequest, waitFor } from '@org/testing';
import express from 'express';
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { problemOf, serve, type TestOptions } from '../test-fixtures/serve.ts';
import { implement, type Exchange } from './index.ts';

const size = z.object({ size: z.int() });
const put = (maximumBytes?: number) =>
  defineOperation({
    id: 'putFile',
    method: 'PUT',
    path: '/files/:name',
    summary: 'Keep a file',
    upload: { mediaTypes: ['text/csv', 'image/*'], ...(maximumBytes !== undefined && { maximumBytes }) },
    success: { status: 200, description: 'How large it is', body: size },
  });

type Take = (upload: Upload, exchange: Exchange) => Promise<number> | number;

async function serveFiles(take: Take, { maximumBytes, ...options }: TestOptions & { maximumBytes?: number } = {}) {
  const handler = implement(put(maximumBytes), async ({ body }, exchange) => ({ size: await take(body, exchange) }));
  const server = await serve([handler], options);
  return Object.assign(server, { file: `${server.url}/files/a` });
}

const measured: Take = async ({ stream }) => (await buffer(stream)).length;
const upload = (body: string, type = 'text/csv', headers: Record<string, string> = {}): RequestInit => ({
  method: 'PUT',
  headers: { 'content-type': type, ...headers },
  body,
});

/** A request that the test writes bit by bit. */
function openUpload(url: string, headers: Record<string, string> = {}): ClientRequest {
  return httpRequest(url, { method: 'PUT', headers: { 'content-type': 'text/csv', ...headers }, agent: false });
}

async function drainOrClose(request: ClientRequest): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race(['drain', 'close'].map((name) => once(request, name, { signal }).catch(() => undefined)));
  over.abort();
}

async function answerOf(request: ClientRequest) {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: JSON.parse(await text(response)) as Record<string, unknown> };
}

describe('an upload', () => {
  test('is given to its handler with type, length and stream', async () => {
    let seen: object = {};
    await using server = await serveFiles(async ({ stream, ...rest }) => {
      seen = rest;
      return (await text(stream)).length;
    });
    const response = await fetch(server.file, upload('a,b\n1,2\n', 'Text/CSV; charset=utf-8'));
    expect(await response.json()).toEqual({ size: 8 });
    expect(seen).toEqual({ mediaType: 'text/csv', length: 8 });
  });

  test('arrives as it is sent, and its length is not known then', async () => {
    const chunks: string[] = [];
    await using server = await serveFiles(async ({ stream, length }) => {
      expect(length).toBeUndefined();
      for await (const chunk of stream) chunks.push(String(chunk));
      return chunks.length;
    });
    const request = openUpload(server.file);
    request.write('one');
    await waitFor(() => chunks.length === 1, { what: 'the first chunk' });
    request.end('two');
    expect((await answerOf(request)).body).toEqual({ size: 2 });
    expect(chunks).toEqual(['one', 'two']);
  });

  test.each([
    ['nothing in it', '', 'text/csv'],
    ['a type of a range', 'x', 'image/png'],
  ])('may have %s', async (_, body, type) => {
    await using server = await serveFiles(measured);
    const response = await fetch(server.file, upload(body, type));
    expect([response.status, await response.json()]).toEqual([200, { size: body.length }]);
  });

  test.each([
    ['another type', 'application/json'],
    ['a type that begins alike', 'text/csvx'],
    ['a range', 'image/*'],
    ['no subtype', 'image/'],
    ['two types', 'text/csv, image/png'],
  ])('of %s is refused with 415', async (_, type) => {
    await using server = await serveFiles(measured);
    const problem = await problemOf(await fetch(server.file, upload('x', type)));
    expect(problem).toMatchObject({ status: 415, reason: 'MEDIA_TYPE_UNSUPPORTED' });
    expect(problem.detail).toBe('The body must be sent as text/csv or image/*.');
  });

  test('of no type is refused with 415, whether there is a body or not', async () => {
    await using server = await serveFiles(measured);
    for (const body of [new Uint8Array([1]), null]) {
      const response = await fetch(server.file, { method: 'PUT', body });
      expect((await problemOf(response)).status).toBe(415);
    }
  });

  test('that is compressed is refused with 415', async () => {
    await using server = await serveFiles(measured);
    const response = await fetch(server.file, upload('x', 'text/csv', { 'content-encoding': 'gzip' }));
    expect(await problemOf(response)).toMatchObject({ status: 415, reason: 'ENCODING_UNSUPPORTED' });
  });

  test('that a middleware has read already is a logged 500', async () => {
    await using server = await serveFiles(measured, { middleware: [express.text({ type: '*/*' })] });
    expect((await problemOf(await fetch(server.file, upload('x')))).status).toBe(500);
    expect(server.logs).toMatchObject([{ level: 'error' }]);
  });
});

describe('the limit of an upload', () => {
  test('is its own, where it has one', async () => {
    await using server = await serveFiles(measured, { maximumBytes: 300_000, bodyLimit: 1_000 });
    const response = await fetch(server.file, upload('x'.repeat(300_000)));
    expect(await response.json()).toEqual({ size: 300_000 });
    const more = await problemOf(await fetch(server.file, upload('x'.repeat(300_001))));
    expect(more).toMatchObject({ status: 413, reason: 'BODY_TOO_LARGE' });
  });

  test('is else that of all bodies', async () => {
    await using server = await serveFiles(measured, { bodyLimit: 1_000 });
    expect((await fetch(server.file, upload('x'.repeat(1_000)))).status).toBe(200);
    expect((await fetch(server.file, upload('x'.repeat(1_001)))).status).toBe(413);
  });

  test('holds for an upload that says a length before its handler is called', async () => {
    let called = false;
    await using server = await serveFiles(() => Number((called = true)), { bodyLimit: 10 });
    const head = 'PUT /files/a HTTP/1.1\r\nhost: a\r\ncontent-type: text/csv\r\ncontent-length: 1000000000\r\n\r\nx';
    const { text: answer, end } = await rawRequest(server.server.port, head);
    expect(answer).toMatch(/^HTTP\/1\.1 413/);
    expect([called, end]).toEqual([false, 'closed']);
  });

  test('holds for one that goes on without saying a length: it is not read any further', async () => {
    let read = 0;
    await using server = await serveFiles(
      async ({ stream }) => {
        for await (const chunk of stream) read += (chunk as Buffer).length;
        return read;
      },
      { bodyLimit: 100_000 },
    );
    const request = openUpload(server.file).on('error', () => undefined);
    const answer = answerOf(request);
    let sent = 0;
    // A client that does not stop by itself.
    while (!request.destroyed && sent < 2_000_000_000 && request.writable) {
      sent += 64 * 1024;
      if (!request.write(Buffer.alloc(64 * 1024))) await drainOrClose(request);
    }
    expect(await answer).toMatchObject({ status: 413, body: { reason: 'BODY_TOO_LARGE' } });
    expect(read).toBeLessThanOrEqual(100_000);
    expect(sent).toBeLessThan(2_000_000_000);
  });
});

describe('a handler', () => {
  test('that reads slowly holds the client back', async () => {
    const total = 64 * 1024 * 1024;
    const go = Promise.withResolvers<void>();
    let read = 0;
    await using server = await serveFiles(
      async ({ stream }) => {
        await go.promise;
        for await (const chunk of stream) read += (chunk as Buffer).length;
        return read;
      },
      { maximumBytes: total },
    );
    const request = openUpload(server.file, { 'content-length': String(total) });
    const chunk = Buffer.alloc(1024 * 1024);
    let sent = 0;
    const sending = (async () => {
      for (; sent < total; sent += chunk.length) if (!request.write(chunk)) await once(request, 'drain');
      request.end();
    })();
    let before = -1;
    await waitFor(
      () => {
        const still = sent === before && sent > 0;
        before = sent;
        return still;
      },
      { what: 'the client to be held back' },
    );
    // What fits into the buffers of two sockets, and no more.
    expect(sent).toBeLessThan(total / 2);
    go.resolve();
    expect((await answerOf(request)).body).toEqual({ size: total });
    await sending;
  });

  test('that reads nothing of it answers all the same, and the connection lives on or ends', async () => {
    await using server = await serveFiles(() => 0, { maximumBytes: 50_000_000 });
    for (const length of [10, 1_000_000, 20_000_000]) {
      const response = await fetch(server.file, upload('x'.repeat(length)));
      expect([length, await response.json()]).toEqual([length, { size: 0 }]);
    }
  });

  test('that stops in the middle answers all the same', async () => {
    await using server = await serveFiles(
      async ({ stream }) => {
        for await (const chunk of stream) return (chunk as Buffer).length > 0 ? 1 : 0;
        return 0;
      },
      { maximumBytes: 50_000_000 },
    );
    const response = await fetch(server.file, upload('x'.repeat(20_000_000)));
    expect(await response.json()).toEqual({ size: 1 });
  });

  test.each<[string, (request: ClientRequest) => void, string, number]>([
    ['breaks off', (request) => request.socket?.resetAndDestroy(), 'CLIENT_GONE', 499],
    ['leaves', (request) => request.destroy(), 'REQUEST_MALFORMED', 400],
  ])('is told when the client %s', async (_, leave, reason, status) => {
    const failed = Promise.withResolvers<unknown>();
    let called = false;
    await using server = await serveFiles(async ({ stream }) => {
      called = true;
      try {
        return (await buffer(stream)).length;
      } catch (error) {
        failed.resolve(error);
        throw error;
      }
    });
    const request = openUpload(server.file).on('error', () => undefined);
    request.write('half');
    await waitFor(() => called, { what: 'the handler to be called' });
    leave(request);
    expect(await failed.promise).toMatchObject({ reason });
    await waitFor(() => server.requests().length > 0, { what: 'the line' });
    expect(server.requests()).toMatchObject([{ status }]);
  });

  test('is told when the client pauses for too long', async () => {
    await using server = await serveFiles(measured, { settings: { transferTimeoutMs: 200 } });
    const request = openUpload(server.file).on('error', () => undefined);
    request.write('half');
    expect(await answerOf(request)).toMatchObject({ status: 408, body: { reason: 'REQUEST_TOO_SLOW' } });
  });

  test('may take its time while the client waits for it', async () => {
    const go = Promise.withResolvers<void>();
    await using server = await serveFiles(
      async (given) => {
        await go.promise;
        return measured(given, undefined as never);
      },
      { maximumBytes: 10_000_000, settings: { transferTimeoutMs: 50, timeoutMs: 100 } },
    );
    const sent = fetch(server.file, upload('x'.repeat(10_000_000)));
    // Another request may not pause for as long.
    const other = openUpload(server.file).on('error', () => undefined);
    other.write('half');
    expect(await answerOf(other)).toMatchObject({ status: 408 });
    go.resolve();
    expect(await (await sent).json()).toEqual({ size: 10_000_000 });
  });

  test('that waits for something else when the client leaves is not disturbed by it', async () => {
    const go = Promise.withResolvers<void>();
    let called = false;
    await using server = await serveFiles(async () => {
      called = true;
      await go.promise;
      return 0;
    });
    const request = openUpload(server.file).on('error', () => undefined);
    request.write('half');
    await waitFor(() => called, { what: 'the handler to be called' });
    request.destroy();
    await waitFor(() => server.requests().length > 0, { what: 'the line' });
    go.resolve();
    expect((await fetch(server.file, upload('x'))).status).toBe(200);
  });
});
