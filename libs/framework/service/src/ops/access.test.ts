import type { IncomingMessage } from 'node:http';
import { Secret } from '@org/config';
import { describe, expect, test } from 'vitest';
import { assertAccess, assertSameOrigin } from './access.ts';

const request = (remoteAddress: string | undefined, headers: IncomingMessage['headers']) =>
  ({ socket: { remoteAddress }, headers }) as IncomingMessage;

describe('without a token', () => {
  test.each([
    ['127.0.0.1', 'localhost:9464'],
    ['127.0.0.1', 'localhost'],
    ['127.8.8.8', '127.0.0.1:80'],
    ['::1', '[::1]:9464'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
  ])('lets in %s asking for %s', (address, host) => {
    expect(() => assertAccess(request(address, { host }), 'operator', undefined)).not.toThrow();
  });

  test.each([
    ['10.0.0.7', 'localhost'],
    ['::ffff:10.0.0.7', '127.0.0.1'],
    ['1127.0.0.1', 'localhost'],
    [undefined, 'localhost'],
    ['127.0.0.1', 'evil.example'],
    ['127.0.0.1', 'localhost.evil.example'],
    ['127.0.0.1', '127.0.0.1.evil.example:9464'],
    ['127.0.0.1', 'evil.example:80:127.0.0.1'],
    ['127.0.0.1', ''],
    ['127.0.0.1', undefined],
  ])('keeps out %s asking for %s', (address, host) => {
    expect(() => assertAccess(request(address, { host }), 'operator', undefined)).toThrow(
      expect.objectContaining({ code: 'permission_denied', reason: 'OPS_LOOPBACK_ONLY' }),
    );
  });
});

test('what is public answers to all, with a token or without', () => {
  const asked = request('10.0.0.7', { host: 'evil.example' });
  for (const token of [undefined, new Secret('hunter2')]) {
    expect(() => assertAccess(asked, 'public', token)).not.toThrow();
  }
});

describe('what needs the token', () => {
  test('answers to nobody while there is none, on loopback neither', () => {
    const asked = request('127.0.0.1', { host: 'localhost', authorization: 'Bearer ' });
    expect(() => assertAccess(asked, 'token', undefined)).toThrow(
      expect.objectContaining({ code: 'permission_denied', reason: 'OPS_TOKEN_UNSET' }),
    );
  });

  test('answers to whoever has it', () => {
    const token = new Secret('hunter2');
    const asked = (authorization: string) => request('10.0.0.7', { host: 'orders', authorization });
    expect(() => assertAccess(asked('Bearer hunter2'), 'token', token)).not.toThrow();
    expect(() => assertAccess(asked('Bearer hunter3'), 'token', token)).toThrow(
      expect.objectContaining({ reason: 'OPS_TOKEN_REQUIRED' }),
    );
  });
});

describe('a change', () => {
  const asked = (headers: IncomingMessage['headers']) => request('127.0.0.1', { host: 'localhost:9464', ...headers });

  test.each([
    {},
    { origin: 'http://localhost:9464' },
    { origin: 'http://other.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ])('may be asked for by %j', (headers) => {
    expect(() => assertSameOrigin(asked(headers))).not.toThrow();
  });

  test.each([
    { origin: 'http://evil.example' },
    { origin: 'http://localhost:3000' },
    { origin: 'null' },
    { origin: '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:9464' },
    { 'sec-fetch-site': 'nonsense' },
  ])('may not be asked for by %j', (headers) => {
    expect(() => assertSameOrigin(asked(headers))).toThrow(
      expect.objectContaining({ code: 'permission_denied', reason: 'OPS_CROSS_ORIGIN' }),
    );
  });
});

describe('with a token', () => {
  const token = new Secret('hunter2');

  test.each(['Bearer hunter2', 'bearer hunter2', 'Bearer  hunter2'])('lets in %j from anywhere', (authorization) => {
    const asked = request('10.0.0.7', { host: 'orders.example', authorization });
    expect(() => assertAccess(asked, 'operator', token)).not.toThrow();
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer hunter',
    'Bearer hunter22',
    'Basic hunter2',
    'Bearer HUNTER2',
  ])('keeps out %j, even from loopback', (authorization) => {
    const asked = request('127.0.0.1', { host: 'localhost', ...(authorization !== undefined && { authorization }) });
    expect(() => assertAccess(asked, 'operator', token)).toThrow(
      expect.objectContaining({ code: 'unauthenticated', reason: 'OPS_TOKEN_REQUIRED' }),
    );
  });
});
