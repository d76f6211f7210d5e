import { createServer } from 'node:http';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { Secret } from '@org/config';
import { ServiceError } from '@org/errors';
import { describe, expect, test } from 'vitest';
import { redact } from './redact.ts';

const hidden = 'hunter2-hunter2';

/** What a line would hold of a value. */
function printed(value: unknown): string {
  return JSON.stringify(redact(value));
}

describe('what is under the name of a secret', () => {
  test.each([
    'password',
    'passwd',
    'pwd',
    'Passphrase',
    'DB_PASSWORD',
    'clientSecret',
    'token',
    'accessToken',
    'X-Vault-Token',
    'authorization',
    'Proxy-Authorization',
    'cookie',
    'set-cookie',
    'apiKey',
    'X-API-Key',
    'api_key',
    'privateKey',
    'accessKeyId',
    'AccountKey',
    'credentials',
    'connectionString',
    'signature',
  ])('is hidden: %s', (name) => {
    for (const value of [hidden, [hidden], { user: 'orders', value: hidden }, 1234]) {
      const expected = { a: [{ [name]: '[secret]' }] };
      expect(redact({ a: [{ [name]: value }] })).toEqual(expected);
      expect(redact({ a: [new Map([[name, value]])] })).toEqual(expected);
    }
  });

  test.each(['author', 'passed', 'key', 'publicKey', 'path', 'monkey', 'status'])('is shown otherwise: %s', (name) => {
    expect(redact({ [name]: 'value' })).toEqual({ [name]: 'value' });
  });

  test('is shown when it only says whether there is one', () => {
    const value = { hasPassword: true, token: null };
    expect(redact(value)).toEqual(value);
  });
});

test('a Secret prints as it shows itself, wherever it is', () => {
  const url = new Secret(`postgres://orders:${hidden}@db/orders`, { shown: 'postgres://orders:[secret]@db/orders' });
  expect(redact({ list: [new Secret(hidden)], url, map: new Map([['a', new Secret(hidden)]]) })).toEqual({
    list: ['[secret]'],
    url: 'postgres://orders:[secret]@db/orders',
    map: { a: '[secret]' },
  });
});

test.each([
  ['postgres://orders:hunter2@db:5432/orders', 'postgres://orders:[secret]@db:5432/orders'],
  ['redis://:hunter2@cache', 'redis://:[secret]@cache'],
  ['mongodb://u:hunter2@a:1,b:2/x', 'mongodb://u:[secret]@a:1,b:2/x'],
  ['https://u:hunt@er2@host/x', 'https://u:[secret]@host/x'],
  ['two: amqp://a:hunter2@b and nats://c:hunter2@d.', 'two: amqp://a:[secret]@b and nats://c:[secret]@d.'],
  ['GET /callback?access_token=hunter2&x=1', 'GET /callback?access_token=[secret]&x=1'],
  ['https://s3/x?X-Amz-Signature=hunter2', 'https://s3/x?X-Amz-Signature=[secret]'],
])('a URL loses what is secret in it: %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
  expect(redact({ deep: [{ text }] })).toEqual({ deep: [{ text: expected }] });
  expect(redact(new Map([[text, true]]))).toEqual({ [expected]: true });
});

test.each([
  'http://registry:4873/@scope/name',
  'https://orders@host/x',
  'why? because a=b & c=d',
  'GET /orders?limit=3&cursor=abc',
  '12:30 ://',
])('a text without secrets stays as it is: %s', (text) => {
  expect(redact(text)).toBe(text);
});

test.each([
  ['slashes', '://'.repeat(50_000)],
  ['colons', `://${':a'.repeat(100_000)}`],
  ['parameters', '?a'.repeat(100_000)],
  ['letters', `${'a'.repeat(200_000)}://`],
])('a text of many %s takes no long time', (_, text) => {
  const startedAt = performance.now();
  redact(text);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

describe('an error', () => {
  test('shows type, message, stack, code, reason, details and the chain of its causes', () => {
    const root = Object.assign(new TypeError('no route'), { code: 'ENETUNREACH' });
    const cause = new Error('connect failed', { cause: root });
    const error = new ServiceError('unavailable', 'Cannot reach the broker', {
      reason: 'BROKER_DOWN',
      details: { retryAfterMs: 10 },
      cause,
    });
    expect(redact({ err: error })).toEqual({
      err: {
        type: 'ServiceError',
        message: 'Cannot reach the broker',
        stack: error.stack,
        code: 'unavailable',
        reason: 'BROKER_DOWN',
        details: { retryAfterMs: 10 },
        cause: {
          type: 'Error',
          message: 'connect failed',
          stack: cause.stack,
          cause: { type: 'TypeError', message: 'no route', stack: root.stack, code: 'ENETUNREACH' },
        },
      },
    });
  });

  test('shows nothing of what an HTTP client hangs on it', () => {
    const error = Object.assign(new Error(`GET https://u:${hidden}@vault failed`), {
      config: { headers: { 'X-Vault-Token': hidden } },
      request: { _header: `authorization: ${hidden}` },
      response: { data: hidden },
      status: 403,
    });
    const copied = printed([error, { cause: error }]);
    expect(copied).not.toContain(hidden);
    expect(copied).toContain('"status":403');
  });

  test('shows the errors of an aggregate', () => {
    const error = new AggregateError([new Error('one'), 'two'], 'all failed');
    expect(redact(error)).toMatchObject({ message: 'all failed', errors: [{ message: 'one' }, 'two'] });
  });

  test('ends where its causes go round or on and on', () => {
    const error = new Error('self');
    error.cause = error;
    expect(redact(error)).toMatchObject({ message: 'self', cause: '[circular]' });
    let deepest = new Error('0');
    for (let depth = 1; depth < 50; depth += 1) deepest = new Error(`${depth}`, { cause: deepest });
    expect(printed(deepest)).toContain('[too deep]');
  });
});

test('cycles, throwing getters, proxies and conversions that throw are marked', () => {
  const value: Record<string, unknown> = { ok: 1 };
  value.self = value;
  Object.defineProperty(value, 'getter', {
    enumerable: true,
    get() {
      throw new Error(hidden);
    },
  });
  value.json = {
    toJSON() {
      throw new Error(hidden);
    },
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  value.proxy = proxy;
  const error = new Error('x');
  Object.defineProperty(error, 'message', {
    get() {
      throw new Error(hidden);
    },
  });
  value.error = error;
  expect(redact(value)).toMatchObject({
    ok: 1,
    self: '[circular]',
    getter: '[unreadable]',
    json: '[unreadable]',
    proxy: '[unreadable]',
    error: { type: 'Error', message: '[unreadable]' },
  });
});

test('the same object twice is no cycle', () => {
  const shared = { a: 1 };
  expect(redact([shared, shared])).toEqual([shared, shared]);
});

test('depth, entries, texts and the whole are bounded', () => {
  let deep: unknown = 'end';
  for (let depth = 0; depth < 100; depth += 1) deep = { deep };
  expect(printed(deep)).toContain('[too deep]');

  const list = redact(Array.from({ length: 250 }, (_, index) => index)) as unknown[];
  expect(list).toHaveLength(101);
  expect(list.at(-1)).toBe('[150 more]');
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`k${index}`, index]));
  expect(redact(many)).toMatchObject({ '…': '[150 more]' });
  expect(redact(new Set(Array.from({ length: 250 }, (_, index) => index)))).toHaveLength(101);
  expect(redact('x'.repeat(20_000))).toBe(`${'x'.repeat(16_384)}… (3616 more characters)`);

  const row = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'x'.repeat(100)]));
  const wide = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => ({ ...row })));
  expect(printed(wide).length).toBeLessThan(200_000);
});

test('a text that is cut loses the password that the cut would go through', () => {
  const text = `${'x'.repeat(16_370)} postgres://u:${hidden}@h/x`;
  expect(redact(text)).not.toContain('hunter');
});

test('other values are shown as what they are', () => {
  expect(
    redact({
      big: 12n,
      symbol: Symbol('s'),
      date: new Date(0),
      url: new URL(`https://u:${hidden}@host/`),
      bytes: new Uint8Array(3),
      set: new Set(['a']),
      nothing: undefined,
      call: () => hidden,
      ['__proto__']: { polluted: true },
    }),
  ).toEqual(
    Object.assign(Object.create(null), {
      big: '12',
      symbol: 'Symbol(s)',
      date: '1970-01-01T00:00:00.000Z',
      url: 'https://u:[secret]@host/',
      bytes: '[3 bytes]',
      set: ['a'],
      nothing: undefined,
      call: undefined,
      ['__proto__']: { polluted: true },
    }),
  );
  expect(({} as { polluted?: true }).polluted).toBeUndefined();
});

test('a request is shown by its name alone', async () => {
  const server = createServer((request, response) => {
    response.end(printed({ request, response, socket: request.socket }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: hidden } });
  const expected = { request: '[IncomingMessage]', response: '[ServerResponse]', socket: '[Socket]' };
  expect(await answer.json()).toEqual(expected);
  server.close();
});

test('what was given is not changed', () => {
  const value = { password: hidden, list: [{ token: hidden }] };
  const before = inspect(value, { depth: 9 });
  redact(value);
  expect(inspect(value, { depth: 9 })).toBe(before);
});
