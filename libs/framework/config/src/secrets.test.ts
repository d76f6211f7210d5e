import { describe, expect, expectTypeOf, test } from 'vitest';
import { integer, list, text } from './scalars.ts';
import { metaOf, parseWith, type Schema } from './schema.ts';
import type { Secret } from './secret.ts';
import { credentials, secret, type Credentials } from './secrets.ts';

function reveal<Value>(schema: Schema<Secret<Value>>, raw: unknown): Value | undefined {
  return parseWith(schema, raw)?.value.reveal();
}

describe('secret', () => {
  test('wraps any text, or what another schema takes', () => {
    expect(reveal(secret(), 'hunter2')).toBe('hunter2');
    expect(reveal(secret(list(text())), 'a,b')).toEqual(['a', 'b']);
    expect(reveal(secret(integer()), 'x')).toBeUndefined();
    expect(metaOf(secret(integer())).expected).toBe('a whole number');
  });

  test('keeps a refinement and still counts as a secret', () => {
    const long = secret()
      .refine((cell) => cell.reveal().length > 7)
      .meta({ expected: 'a long text' });
    expect(metaOf(long).secret).toBeDefined();
    expect(reveal(long, 'hunter2')).toBeUndefined();
    expect(reveal(long, 'hunter2222')).toBe('hunter2222');
  });

  test('does not wrap a secret again', () => {
    expect(() => secret(secret())).toThrow(TypeError);
  });
});

describe('credentials', () => {
  test.each([
    ['orders:hunter2', { username: 'orders', password: 'hunter2' }],
    ['orders:a:b', { username: 'orders', password: 'a:b' }],
    [
      { username: 'orders', password: 'hunter2', extra: 'x' },
      { username: 'orders', password: 'hunter2' },
    ],
  ])('takes a user and its password: %#', (raw, pair) => {
    expect(reveal(credentials(), raw)).toEqual(pair);
  });

  test.each([
    '',
    'orders',
    'orders:',
    ':hunter2',
    {},
    { username: 'orders' },
    { username: '', password: 'x' },
    { username: 'x', password: '' },
    { username: 1, password: 'x' },
    null,
    7,
  ])('refuses anything else: %#', (raw) => {
    expect(parseWith(credentials(), raw)).toBeUndefined();
  });
});

test('the types are those of the values', () => {
  expectTypeOf(secret()).toEqualTypeOf<Schema<Secret<string>>>();
  expectTypeOf(secret(integer())).toEqualTypeOf<Schema<Secret<number>>>();
  expectTypeOf(credentials()).toEqualTypeOf<Schema<Secret<Credentials>>>();
});
