import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { createClientAddress } from './client-address.ts';

/** A request as it comes from an address. */
const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}, encrypted = false) =>
  ({ socket: { remoteAddress, encrypted }, headers }) as unknown as IncomingMessage;
const forwarded = (remoteAddress: string, list: string) => from(remoteAddress, { 'x-forwarded-for': list });

describe('without trusted proxies', () => {
  const client = createClientAddress();

  test('the client is who is at the other end, whatever the request says', () => {
    expect(client.addressOf(forwarded('127.0.0.1', '203.0.113.9'))).toBe('127.0.0.1');
    expect(client.protocolOf(from('127.0.0.1', { 'x-forwarded-proto': 'https' }))).toBe('http');
    expect(client.trust('127.0.0.1', 0)).toBe(false);
  });

  test('a client that is gone has no address', () => {
    expect(client.addressOf(from(undefined))).toBeUndefined();
  });

  test('TLS on the socket itself is known', () => {
    expect(client.protocolOf(from('192.0.2.1', { 'x-forwarded-proto': 'http' }, true))).toBe('https');
  });
});

describe('behind trusted proxies', () => {
  const client = createClientAddress(['loopback', '10.0.0.0/8', '2001:db8:aaaa::/48', '198.51.100.7']);

  test.each<[string, string, string, string]>([
    ['the last that is not trusted', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['and not what it made up itself', '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['behind several proxies', '10.0.0.1', '1.1.1.1, 203.0.113.9, 198.51.100.7,10.9.9.9', '203.0.113.9'],
    ['the farthest, when all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['nobody whom an untrusted peer names', '203.0.113.1', '10.0.0.1', '203.0.113.1'],
    ['an IPv4 address in IPv6 clothes', '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['the same in digits', '::ffff:10.0.0.1', '::FFFF:cb00:7109', '203.0.113.9'],
    ['an IPv6 address in its one spelling', '::1', '2001:DB8:0:0::9', '2001:db8::9'],
    ['behind a proxy with IPv6', '2001:db8:aaaa::1', '203.0.113.9, 2001:db8:aaaa:1::1', '203.0.113.9'],
    ['with a port', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['IPv6 with a port', '10.0.0.1', '[2001:db8::9]:4711', '2001:db8::9'],
    ['IPv6 in brackets', '10.0.0.1', '[2001:db8::9]', '2001:db8::9'],
    ['with white space', '10.0.0.1', ' \t203.0.113.9 ', '203.0.113.9'],
  ])('the client is %s', (_, peer, list, expected) => {
    expect(client.addressOf(forwarded(peer, list))).toBe(expected);
  });

  test.each([
    '',
    ',',
    'unknown',
    '_hidden',
    '203.0.113.9, unknown',
    '203.0.113.9,',
    '203.0.113.256',
    '203.0.113.9:4711:1',
    '[203.0.113.9]',
    '1'.repeat(16_000),
    '\u0000',
    '<script>',
    '203.0.113.9\n10.0.0.1',
    'fe80::1%eth0\u2028',
  ])('what is no address ends the search at the proxy that sent it: %j', (list) => {
    expect(client.addressOf(forwarded('10.0.0.1', list))).toBe('10.0.0.1');
  });

  test('what is no address hides those before it', () => {
    expect(client.addressOf(forwarded('10.0.0.1', '203.0.113.9, nonsense, 10.0.0.2'))).toBe('10.0.0.2');
  });

  test('the client without the header is the peer', () => {
    expect(client.addressOf(from('10.0.0.1'))).toBe('10.0.0.1');
  });

  test('no more than sixteen proxies are looked through, however long the list', () => {
    const proxied = createClientAddress(['10.0.0.0/8']);
    const list = Array.from({ length: 10_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    expect(proxied.addressOf(forwarded('10.0.0.1', list.join(',')))).toBe(list.at(-16));
    expect([proxied.trust('10.0.0.1', 15), proxied.trust('10.0.0.1', 16)]).toEqual([true, false]);
  });

  test.each<[string, 'http' | 'https']>([
    ['https', 'https'],
    ['HTTPS', 'https'],
    ['https,http', 'https'],
    [' https , http', 'https'],
    ['http', 'http'],
    ['httpsx', 'http'],
    ['', 'http'],
    ['javascript', 'http'],
  ])('x-forwarded-proto %j is %s', (proto, expected) => {
    expect(client.protocolOf(from('10.0.0.1', { 'x-forwarded-proto': proto }))).toBe(expected);
    expect(client.protocolOf(from('203.0.113.1', { 'x-forwarded-proto': proto }))).toBe('http');
  });
});

test.each<[string, string, boolean]>([
  ['loopback', '127.8.9.1', true],
  ['loopback', '::1', true],
  ['loopback', '128.0.0.1', false],
  ['linklocal', '169.254.1.1', true],
  ['linklocal', 'fe80::1', true],
  ['linklocal', 'fe80::1%eth0', true],
  ['uniquelocal', '172.31.255.255', true],
  ['uniquelocal', '172.32.0.0', false],
  ['uniquelocal', 'fd00::1', true],
  ['10.1.0.0/16', '::ffff:10.1.2.3', true],
  ['10.1.0.0/16', '10.2.0.1', false],
  ['2001:db8::/32', '2001:db9::', false],
  ['loopback', 'localhost', false],
])('%s takes in %s: %s', (trusted, address, expected) => {
  expect(createClientAddress([trusted]).trust(address, 0)).toBe(expected);
});

test.each([
  ['', 'none of these'],
  ['localhost', 'none of these'],
  ['example.com', 'none of these'],
  ['10.0.0', 'none of these'],
  ['10.0.0.0/8/8', 'none of these'],
  ['10.0.0.0/33', 'its prefix is not a number from 1 to 32'],
  ['10.0.0.0/x', 'its prefix is not a number from 1 to 32'],
  ['10.0.0.0/', 'its prefix is not a number from 1 to 32'],
  ['::1/129', 'its prefix is not a number from 1 to 128'],
  ['fe80::1%eth0', 'none of these'],
  ['0.0.0.0/0', 'it trusts everybody'],
  ['::/0', 'it trusts everybody'],
  ['toString', 'none of these'],
])('%j is refused', (entry, message) => {
  expect(() => createClientAddress([entry])).toThrow(TypeError);
  expect(() => createClientAddress([entry])).toThrow(message);
});

test('Express, given the same trust, finds the same client over real HTTP', async () => {
  const client = createClientAddress(['loopback', '10.0.0.0/8']);
  const app = express().set('trust proxy', client.trust);
  app.use((request, response) => {
    const mine = { ip: client.addressOf(request), protocol: client.protocolOf(request) };
    response.json({ mine, express: { ip: request.ip, protocol: request.protocol } });
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [list, proto] of [
    ['203.0.113.9', 'https'],
    ['1.1.1.1, 203.0.113.9, 10.0.0.7', 'http'],
    ['10.0.0.8, 10.0.0.7', 'https,http'],
    ['2001:db8::7', 'https'],
    [Array.from({ length: 100 }, () => '10.0.0.9').join(', '), 'https'],
  ] as const) {
    const headers = { 'x-forwarded-for': list, 'x-forwarded-proto': proto };
    const { mine, express: theirs } = (await (await fetch(url, { headers })).json()) as Record<string, unknown>;
    expect(mine).toEqual(theirs);
  }
  server.closeAllConnections();
  server.close();
});
