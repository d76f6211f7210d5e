import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { rawRequest, waitFor } from '@org/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openClients } from './support/clients.ts';
import { ask } from './support/requests.ts';
import { openHostileTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openHostileTarget({ environment: { REST_COMPRESSION: 'true' } });
});
afterAll(() => target[Symbol.asyncDispose]());

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  br: brotliDecompressSync,
  deflate: inflateSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
  identity: (bytes) => Buffer.from(bytes),
};

/** The bytes of the body of one answer that closes its connection, without the framing of chunks. */
function bodyOf(text: string): Buffer {
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  if (!/^transfer-encoding: chunked\r$/im.test(text)) return Buffer.from(rest, 'latin1');
  let body = '';
  for (let size = Number.parseInt(rest, 16); size > 0; size = Number.parseInt(rest, 16)) {
    const from = rest.indexOf('\r\n') + 2;
    body += rest.slice(from, from + size);
    rest = rest.slice(from + size + 2);
  }
  return Buffer.from(body, 'latin1');
}

test.each([
  '',
  '*',
  '*;q=0',
  'identity;q=0',
  'identity;q=0, *;q=0',
  'gzip;q=0',
  'gzip;q=2',
  'gzip;q=-1',
  'gzip;q=NaN',
  'gzip;q=1;q=0',
  'GZIP',
  'x-gzip',
  'gzip, gzip, gzip',
  'br;q=0.001, gzip;q=0.0001',
  'compress',
  'nothing-that-exists',
  '__proto__',
  'constructor, toString',
  'gzip\u00ff',
  ',,,,;;;;====',
  `${'gzip;q=0.1,'.repeat(1_300)}br`,
  `${'g'.repeat(14_000)}`,
  `gzip${';q=0.5'.repeat(2_000)}`,
])('to whoever takes %j an answer is what it says that it is', async (encoding) => {
  const lines = [`Accept-Encoding: ${encoding}`, 'Connection: close'];
  const { text, end } = await rawRequest(target.port, ask('/gives/large', lines));
  expect(end).toBe('closed');
  const [, status, coding = 'identity'] =
    /^HTTP\/1\.1 (\d+)(?:[^]*?\r\ncontent-encoding: (\S+)\r\n)?/i.exec(text) ?? [];
  expect(['200', '406']).toContain(status);
  if (status === '200') expect(decoders[coding]!(bodyOf(text)).toString()).toBe(`"${'x'.repeat(2 ** 18)}"`);
});

test.each(['/gives/large', '/streams/endless', '/streams/fails-half-way', '/events/endless'])(
  'clients that leave in the middle of what is compressed at %s leave nothing behind',
  async (path) => {
    const bytes = ask(path, ['Accept-Encoding: gzip']);
    using clients = await openClients({ port: target.port, count: 50, bytes });
    await waitFor(() => clients.all.some(({ text }) => text !== ''), { what: 'an answer' });
    for (const [index, { socket }] of clients.all.entries()) {
      if (index % 2 === 0) socket.resetAndDestroy();
      else socket.end().destroy();
    }
    await target.unharmed(['half-way']);
  },
);
