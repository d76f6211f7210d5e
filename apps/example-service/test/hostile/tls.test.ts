import { connect as connectTls } from 'node:tls';
import {
  createCertificateAuthority,
  hasOpenssl,
  rawRequest,
  skipUnless,
  temporaryDirectory,
  waitFor,
} from '@org/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openClients } from './support/clients.ts';
import { ask } from './support/requests.ts';
import { openTarget, type Target } from './support/target.ts';

let available = false;
let target: Target | undefined;
let trusted: string;

beforeAll(async () => {
  available = await hasOpenssl();
  if (!available) return;
  await using directory = await temporaryDirectory();
  const authority = await createCertificateAuthority(directory.path);
  const { certificate, key } = await authority.issue();
  trusted = authority.certificate;
  target = await openTarget({
    environment: { REST_TLS_CERTIFICATE: certificate, REST_TLS_KEY: key, REST_HEADERS_TIMEOUT: '400ms' },
  });
});
afterAll(() => target?.[Symbol.asyncDispose]());
beforeEach((context) => skipUnless(context, available, { what: 'OpenSSL 3', get: 'apt-get install openssl' }));

/** What an honest client is told. */
function status(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port: target!.port, host: '127.0.0.1', servername: 'localhost', ca: trusted });
    let text = '';
    socket.setEncoding('latin1').once('error', reject);
    socket.on('data', (part: string) => (text += part)).once('end', () => resolve(text.slice(9, 12)));
    socket.end(ask('/orders?limit=1', ['Connection: close']));
  });
}

const hello = Buffer.from('16030100c8010000c40303', 'hex');

describe('over TLS', () => {
  test.each([
    ['plain HTTP', ask('/orders')],
    ['half of a hello', hello],
    ['a hello that is none', Buffer.concat([Buffer.from('1603010010', 'hex'), Buffer.alloc(16, 0xff)])],
    ['a record of a length that is none', Buffer.from('160301ffff', 'hex')],
    ['an alert', Buffer.from('15030100020228', 'hex')],
    ['data before a hello', Buffer.from('170303000568656c6c6f', 'hex')],
    ['SSL 2', Buffer.from('802e0100020015000000100100800200800300800400800500800600400700c0', 'hex')],
    ['noise', Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 73 + 11) % 256))],
    ['a megabyte of zeros', Buffer.alloc(2 ** 20)],
  ])('%s gets no answer in plain text, and others are served', async (_, bytes) => {
    const { text } = await rawRequest(target!.port, bytes, { timeoutMs: 200 });
    expect(text).not.toContain('HTTP/1.1 2');
    expect(await status()).toBe('200');
  });

  test.each([
    ['that say nothing', ''],
    ['that send half of a hello', hello],
  ])('two hundred connections %s and leave are forgotten, and others are served', async (_, bytes) => {
    using clients = await openClients({ port: target!.port, count: 200, bytes });
    expect(await status()).toBe('200');
    for (const [index, { socket }] of clients.all.entries()) {
      if (index % 2 === 0) socket.resetAndDestroy();
      else socket.end().destroy();
    }
    expect(await status()).toBe('200');
  });

  test('nothing of it is an error in the log', async () => {
    await waitFor(() => target!.service.logs.length > 0, { what: 'lines' });
    expect(target!.service.logs.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    expect(target!.service.process.stderr).toBe('');
  });
});
