import { describe, expect, test } from 'vitest';
import { metaOf, parseWith } from './schema.ts';
import { connectionUrl, redactUrl, url } from './urls.ts';

const password = 'hunter2';

describe('url', () => {
  test.each(['http://localhost:4318', 'https://issuer.example/path?x=1#y', 'HTTPS://EXAMPLE.com', 'http://[::1]:80/'])(
    'takes %s as it is',
    (text) => {
      expect(parseWith(url(), text)).toEqual({ value: text });
    },
  );

  test.each([
    '',
    'localhost:4318',
    'http:localhost',
    'http://',
    'https://host:99999',
    'ftp://host',
    ' http://host',
    'http://ho st',
    'http://host/\n',
    `http://user:${password}@host`,
    'http://token@host',
  ])('refuses %j', (text) => {
    expect(parseWith(url(), text)).toBeUndefined();
  });

  test('takes other protocols', () => {
    expect(metaOf(url({ protocols: ['file:'] })).expected).toBe(
      'a URL with the protocol file:, without user and password',
    );
    expect(parseWith(url({ protocols: ['file:'] }), 'file:///tmp/x')).toEqual({ value: 'file:///tmp/x' });
  });
});

describe('connectionUrl', () => {
  const schema = connectionUrl({ protocols: ['pglite:', 'postgres:', 'mongodb:', 'nats:', 'https:'] });

  test.each([
    ['pglite:memory', 'pglite:memory'],
    ['pglite:.data/my service', 'pglite:.data/my service'],
    ['postgres://db:5432/orders', 'postgres://db:5432/orders'],
    ['postgres:///orders?host=/run/postgresql', 'postgres:///orders?host=/run/postgresql'],
    ['postgres://orders@db/orders', 'postgres://orders@db/orders'],
    [`postgres://orders:${password}@db:5432/orders`, 'postgres://orders:[secret]@db:5432/orders'],
    [`postgres://:${password}@db`, 'postgres://:[secret]@db'],
    [`POSTGRES://orders:${password}@db`, 'POSTGRES://orders:[secret]@db'],
    [`postgres://orders:a@${password}@db`, 'postgres://orders:[secret]@db'],
    [`postgres://orders:1/${password}@db/orders`, 'postgres://orders:[secret]@db/orders'],
    [`mongodb://u:${password}@a:1,b:2,c/db?replicaSet=r`, 'mongodb://u:[secret]@a:1,b:2,c/db?replicaSet=r'],
    [
      `postgres://db/x?user=u&password=${password}&sslmode=require`,
      'postgres://db/x?user=u&password=[secret]&sslmode=require',
    ],
    [`https://db/x?sig=${password}#y`, 'https://db/x?sig=[secret]#y'],
    [`nats://u:${password}@a:4222,nats://u:${password}@b:4222`, 'nats://u:[secret]@b:4222'],
  ])('is a secret and shows no password: %#', (text, shown) => {
    const result = parseWith(schema, text);
    expect(result?.value.reveal()).toBe(text);
    expect(String(result?.value)).toBe(shown);
  });

  test.each([
    '',
    'postgres',
    'mysql://db',
    'db:5432',
    'env:DATABASE_URL',
    'postgres://db:99999',
    'postgres://db:port/x',
    'postgres://d b/x',
    'postgres://db/\u0000',
    'pglite:x\n',
    'https:db',
    'https://u:p@',
  ])('refuses %j', (text) => {
    expect(parseWith(schema, text)).toBeUndefined();
  });

  test.each([['env:'], ['vault:'], ['kubernetes:'], ['postgres'], [''], ['Https:']])(
    'does not take %j for a protocol',
    (protocol) => {
      expect(() => connectionUrl({ protocols: [protocol] })).toThrow(TypeError);
      expect(() => url({ protocols: ['https:', protocol] })).toThrow(TypeError);
    },
  );

  test('needs a protocol', () => {
    expect(() => connectionUrl({ protocols: [] })).toThrow(TypeError);
  });
});

test('what is no URL is not redacted', () => {
  for (const text of ['plain', 'a@b', 'http://host/path?x=1', '']) expect(redactUrl(text)).toBe(text);
});
