import * as z from 'zod';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { integer, oneOf, port, text } from './scalars.ts';
import type { Secret } from './secret.ts';
import { secret } from './secrets.ts';
import { connectionUrl } from './urls.ts';
import { defaultOf, variable, type Variable } from './variable.ts';

const description = 'The port.';
const development = { service: 'orders', production: false };

describe('the default', () => {
  test('is what the schema makes of its text', () => {
    expect(defaultOf(variable('PORT', port(), { description, default: '3000' }), development)).toEqual({
      value: 3000,
      shown: '3000',
    });
  });

  test('may depend on the service and on production', () => {
    const url = variable('DATABASE_URL', connectionUrl({ protocols: ['pglite:', 'postgres:'] }), {
      description: 'The database.',
      default: ({ service, production }) => (production ? 'postgres://u:hunter2@db' : `pglite:.data/${service}`),
    });
    expect(defaultOf(url, development)?.value.reveal()).toBe('pglite:.data/orders');
    expect(defaultOf(url, { service: 'orders', production: true })?.shown).toBe('postgres://u:[secret]@db');
  });

  test('is absent when it is empty', () => {
    expect(defaultOf(variable('NAME', text(), { description, default: () => '' }), development)).toBeUndefined();
  });
});

describe('misuse is refused where the variable is declared:', () => {
  const cases: [string, RegExp, () => unknown][] = [
    ['a name in small letters', /UPPER_SNAKE, got `port`/, () => variable('port', port(), { description })],
    ['an empty name', /UPPER_SNAKE/, () => variable('', port(), { description })],
    ['no description', /description/, () => variable('PORT', port(), { description: '' })],
    [
      'a default that the schema refuses',
      /Expected the default of `PORT` to be a port from 0 to 65535, got `x`/,
      () => variable('PORT', port(), { description, default: 'x' }),
    ],
    [
      'a default that the schema refuses in production only',
      /default of `PORT`/,
      () => variable('PORT', port(), { description, default: ({ production }) => (production ? 'x' : '1') }),
    ],
    [
      'an example that the schema refuses',
      /Expected the example of `PORT`/,
      () => variable('PORT', port(), { description, example: 'x' }),
    ],
    [
      'a default beside optional',
      /got both/,
      () => variable('PORT', port(), { description, default: '1', optional: true }),
    ],
    [
      'embedded without a default',
      /`PORT` to have a default/,
      () => variable('PORT', port(), { description, embedded: true }),
    ],
    ['a schema that says nothing', /expected/, () => variable('PORT', z.literal('hunter2'), { description })],
  ];

  test.each(cases)('%s', (_, message, declare) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(message);
  });

  test('a secret that its schema refuses is not named', () => {
    const declare = () => variable('TOKEN', secret(integer()), { description, default: 'hunter2' });
    expect(declare).toThrow('Expected the default of `TOKEN` to be a whole number, got something else');
  });
});

test('an example may be a reference', () => {
  expect(variable('TOKEN', secret(integer()), { description, example: 'vault:kv/x#y' }).example).toBe('vault:kv/x#y');
});

test('the type of a variable is exact', () => {
  expectTypeOf(variable('PORT', port(), { description })).toEqualTypeOf<Variable<number>>();
  expectTypeOf(variable('PORT', port(), { description, default: '1' })).toEqualTypeOf<Variable<number>>();
  expectTypeOf(variable('PORT', port(), { description, optional: true })).toEqualTypeOf<Variable<number | undefined>>();
  expectTypeOf(variable('TOKEN', secret(), { description })).toEqualTypeOf<Variable<Secret<string>>>();
  expectTypeOf(variable('FORMAT', oneOf(['json', 'pretty']), { description })).toEqualTypeOf<
    Variable<'json' | 'pretty'>
  >();
});
