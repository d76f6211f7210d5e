import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, createGunzip, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { defineOperation } from '@org/contract';
import { waitFor } from '@org/testing';
import * as z from 'zod';
import { describe, expect, test, vi } from 'vitest';
import { serve } from '../test-fixtures/serve.ts';
import { codingFor } from './compress.ts';
import { implement, reply } from './index.ts';

const get = { method: 'GET', summary: 'Get' } as const;
const success = { status: 200, description: 'Done' };
const getText = defineOperation({
  ...get,
  id: 'getText',
  path: '/text/:length',
  success: { ...success, body: z.string() },
});
const getRows = defineOperation({
  ...get,
  id: 'getRows',
  path: '/rows',
  success: { ...success, stream: { mediaType: 'text/csv' } },
});
const getImage = defineOperation({
  ...get,
  id: 'getImage',
  path: '/image',
  success: { ...success, stream: { mediaType: 'image/png' } },
});
const watch = defineOperation({ ...get, id: 'watch', path: '/events', success: { ...success, events: z.string() } });

const row = 'a,b,c\n'.repeat(1_000);
const more = Promise.withResolvers<void>();

async function serveAll(headers: Record<string, string> = {}, compression = true) {
  return serve(
    [
      implement(getText, ({ params }) => reply({ headers, body: 'x'.repeat(Number(params.length)) })),
      implement(getRows, async function* () {
        yield row;
        yield row;
      }),
      implement(getImage, () => Buffer.from(row)),
      implement(watch, async function* () {
        yield { data: 'first' };
        await more.promise;
        yield { data: 'second' };
      }),
    ],
    { settings: { compression } },
  );
}

/** `fetch` would decode. */
async function ask(url: string, accepted?: string, headers: Record<string, string> = {}, method = 'GET') {
  const sent = { ...(accepted !== undefined && { 'accept-encoding': accepted }), ...headers };
  const request = httpGet(url, { headers: sent, method, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

async function textOf(response: IncomingMessage): Promise<string> {
  const decode = decoders[response.headers['content-encoding'] ?? ''];
  const bytes = await buffer(response);
  return String(decode ? decode(bytes) : bytes);
}

describe('an answer', () => {
  test.each(['gzip', 'br', 'zstd'])('of 1 KiB and more is sent as %s to a client that likes it', async (coding) => {
    await using server = await serveAll();
    const response = await ask(`${server.url}/text/5000`, coding);
    expect(response.headers).toMatchObject({ 'content-encoding': coding, vary: 'accept-encoding' });
    expect(Number(response.headers['content-length'])).toBeLessThan(1_000);
    expect(JSON.parse(await textOf(response))).toBe('x'.repeat(5000));
  });

  test.each<[string, string, string, Record<string, string>]>([
    ['shorter', '/text/1021', 'gzip', {}],
    ['for a client that likes none', '/text/5000', 'identity', {}],
    ['for a client that knows another', '/text/5000', 'deflate', {}],
    ['that must not be changed', '/text/5000', 'gzip', { 'cache-control': 'public, no-transform' }],
    ['that is no text', '/image', 'gzip', {}],
  ])('is sent as it is: %s', async (_, path, accepted, headers) => {
    await using server = await serveAll(headers);
    const response = await ask(`${server.url}${path}`, accepted);
    expect(response.statusCode).toBe(200);
    expect(response.headers).not.toHaveProperty('content-encoding');
    expect((await textOf(response)).length).toBeGreaterThan(1_000);
  });

  test('is sent as it is unless that is wanted', async () => {
    await using server = await serveAll({}, false);
    const response = await ask(`${server.url}/text/5000`, 'gzip');
    expect(response.headers).not.toHaveProperty('vary');
    expect(response.headers['content-length']).toBe('5002');
  });

  test('has a tag of its own in each coding, which all stand for the same', async () => {
    await using server = await serveAll({ etag: '"7"', Vary: 'cookie' });
    const response = await ask(`${server.url}/text/5000`, 'gzip');
    expect(response.headers).toMatchObject({ etag: '"7;gzip"', vary: 'cookie, accept-encoding' });
    response.resume();
    for (const tag of ['"7;gzip"', '"7;br"', '"7"']) {
      const again = await ask(`${server.url}/text/5000`, 'gzip', { 'if-none-match': tag });
      expect([again.statusCode, again.headers.etag, again.headers.vary]).toEqual([
        304,
        '"7;gzip"',
        'cookie, accept-encoding',
      ]);
      expect(again.headers).not.toHaveProperty('content-encoding');
    }
  });

  test('to HEAD has the headers of that to GET', async () => {
    await using server = await serveAll();
    for (const path of ['/text/5000', '/rows']) {
      const [got, head] = [
        await ask(`${server.url}${path}`, 'br'),
        await ask(`${server.url}${path}`, 'br', {}, 'HEAD'),
      ];
      for (const name of ['content-encoding', 'content-length', 'vary', 'content-type']) {
        if (path === '/rows' && name === 'content-length') continue;
        expect([name, head.headers[name]]).toEqual([name, got.headers[name]]);
      }
      expect((await buffer(head)).length).toBe(0);
      got.resume();
    }
  });
});

describe('a stream', () => {
  test.each(['gzip', 'br', 'zstd'])('is encoded on its way as %s', async (coding) => {
    await using server = await serveAll();
    const response = await ask(`${server.url}/rows`, coding);
    expect(response.headers['content-encoding']).toBe(coding);
    expect(await textOf(response)).toBe(row + row);
  });

  test('of events is sent event by event', async () => {
    await using server = await serveAll();
    const response = await ask(`${server.url}/events`, 'gzip');
    expect(response.headers['content-encoding']).toBe('gzip');
    let text = '';
    const decoded: Readable = response.pipe(createGunzip());
    decoded.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await waitFor(() => text === 'data: "first"\n\n', { what: 'the first event' });
    more.resolve();
    await waitFor(() => text.endsWith('data: "second"\n\n'), { what: 'the second event' });
  });

  test('does not keep what came so far, and ends when its client leaves', async () => {
    const aborted = vi.fn();
    await using server = await serve(
      [
        implement(getRows, async function* (_, { signal }) {
          signal.addEventListener('abort', aborted);
          yield row;
          await once(signal, 'abort');
        }),
      ],
      { settings: { compression: true } },
    );
    const response = await ask(`${server.url}/rows`, 'zstd');
    await once(response, 'data');
    response.destroy();
    await waitFor(() => aborted.mock.calls.length > 0, { what: 'the call to be aborted' });
    expect(server.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

test.each([
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, br', 'br'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['*', 'zstd'],
  ['*;q=0.1, br;q=0', 'zstd'],
  ['zstd;q=0, *', 'br'],
  ['gzip;q=0.9, br;q=0.8', 'gzip'],
  ['gzip;q=1.000 , zstd;q=0.999', 'gzip'],
  ['identity, gzip', 'gzip'],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0, gzip;q=0.1', 'gzip'],
  ['identity;q=0', undefined],
  ['*;q=0', undefined],
  ['gzip;q=0', undefined],
  ['gzip;q=', undefined],
  ['gzip;q=2', undefined],
  ['gzip;q=0.1234', undefined],
  ['gzip;q=-1', undefined],
  ['', undefined],
  [',,;,', undefined],
  ['gzip,'.repeat(1_000), undefined],
])('Accept-Encoding %j chooses %s', (accepted, coding) => {
  expect(codingFor(accepted)?.name).toBe(coding);
});
