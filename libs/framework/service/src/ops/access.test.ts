import type { IncomingMessage } from 'node:http';
import { Secret } from '@org/config';
import { describe, expect, test } from 'vitest';
import { assertAccess } from './access.ts';

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
    expect(() => assertAccess(request(address, { host }), undefined)).not.toThrow();
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
    expect(() => assertAccess(request(address, { host }), undefined)).toThrow(
      expect.objectContaining({ code: 'permission_denied', reason: 'OPS_LOOPBACK_ONLY' }),
    );
  });
});

describe('with a token', () => {
  const token = new Secret('hunter2');

  test.each(['Bearer hunter2', 'bearer hunter2', 'Bearer  hunter2'])('lets in %j from anywhere', (authorization) => {
    const asked = request('10.0.0.7', { host: 'orders.example', authorization });
    expect(() => assertAccess(asked, token)).not.toThrow();
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
    expect(() => assertAccess(asked, token)).toThrow(
      expect.objectContaining({ code: 'unauthenticated', reason: 'OPS_TOKEN_REQUIRED' }),
    );
  });
});
