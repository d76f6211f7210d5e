import * as z from 'zod';
import { expect, test } from 'vitest';
import { boolean, integer, list, oneOf, port, text } from './scalars.ts';
import { metaOf, parseWith, type Schema } from './schema.ts';
import { secret } from './secrets.ts';

const taken: [string, Schema<unknown>, string, unknown][] = [
  ['text', text(), ' as it is ', ' as it is '],
  ['text with a pattern', text({ pattern: /^[a-z]+$/g, expected: 'small letters' }), 'abc', 'abc'],
  ['integer', integer(), '-12', -12],
  ['integer', integer(), '0', 0],
  ['integer', integer(), '9007199254740991', 9007199254740991],
  ['integer with limits', integer({ min: 1, max: 10 }), '10', 10],
  ['port', port(), '0', 0],
  ['port', port(), '65535', 65535],
  ['boolean', boolean(), 'true', true],
  ['boolean', boolean(), 'FALSE', false],
  ['boolean', boolean(), '1', true],
  ['boolean', boolean(), 'off', false],
  ['word', oneOf(['json', 'pretty']), 'json', 'json'],
  ['list', list(text()), 'a, b ,c', ['a', 'b', 'c']],
  ['list', list(port()), '80', [80]],
];

test.each(taken)('%s takes a value: %#', (_, schema, raw, value) => {
  expect(parseWith(schema, raw)).toEqual({ value });
  expect(parseWith(schema, raw)).toEqual({ value });
});

const refused: [string, Schema<unknown>, unknown][] = [
  ['text with a pattern', text({ pattern: /^[a-z]+$/, expected: 'small letters' }), 'a1'],
  ...['', ' 1', '1.5', '1e3', '0x10', '+1', '-0', '007', '1_000', '١', 'NaN', 'Infinity', '9007199254740992'].map(
    (raw): [string, Schema<unknown>, unknown] => ['integer', integer(), raw],
  ),
  ['integer with limits', integer({ min: 1 }), '0'],
  ['integer with limits', integer({ max: 1 }), '2'],
  ['port', port(), '65536'],
  ['port', port(), '-1'],
  ...['', 'ja', 'truee', 'constructor', '2'].map((raw): [string, Schema<unknown>, unknown] => [
    'boolean',
    boolean(),
    raw,
  ]),
  ['word', oneOf(['json', 'pretty']), 'JSON'],
  ...['', ',', 'a,', 'a,,b'].map((raw): [string, Schema<unknown>, unknown] => ['list', list(text()), raw]),
  ['list', list(port()), '80,x'],
  ['text', text(), { username: 'a', password: 'b' }],
  ['list', list(text()), ['a']],
];

test.each(refused)('%s refuses anything else: %#', (_, schema, raw) => {
  expect(parseWith(schema, raw)).toBeUndefined();
});

test.each([
  [integer(), 'a whole number'],
  [integer({ min: 1 }), 'a whole number from 1 up'],
  [integer({ max: 9 }), 'a whole number to 9'],
  [integer({ min: 1, max: 9 }), 'a whole number from 1 to 9'],
  [oneOf(['json', 'pretty']), 'one of `json`, `pretty`'],
  [list(port()), 'a list with commas, each a port from 0 to 65535'],
] as [Schema<unknown>, string][])('a schema says what it expects: %#', (schema, expected) => {
  expect(metaOf(schema).expected).toBe(expected);
});

test.each([
  ['a lower limit above the upper one', RangeError, () => integer({ min: 2, max: 1 })],
  ['a limit that is no whole number', RangeError, () => integer({ min: 0.5 })],
  ['a limit that is no number', RangeError, () => integer({ max: NaN })],
  ['a pattern that nobody explains', TypeError, () => text({ pattern: /a/ })],
  ['an explanation without a pattern', TypeError, () => text({ expected: 'a' })],
  ['no words', TypeError, () => oneOf([])],
  ['a list of secrets', TypeError, () => list(secret())],
  ["a list of zod's own schema that says nothing", TypeError, () => list(z.string())],
])('%s is misuse', (_, kind, make) => {
  expect(make).toThrow(kind);
});

test("zod's own schemas can be used when they say what they expect", () => {
  const even = integer()
    .refine((number) => number % 2 === 0)
    .meta({ expected: 'an even number' });
  expect(metaOf(even)).toMatchObject({ type: 'integer', expected: 'an even number' });
  expect(parseWith(even, '4')).toEqual({ value: 4 });
  expect(parseWith(even, '3')).toBeUndefined();
});

test('a conversion that throws refuses the value', () => {
  const json = z
    .string()
    .transform((raw) => JSON.parse(raw) as unknown)
    .meta({ expected: 'JSON' });
  expect(parseWith(json, '{')).toBeUndefined();
  expect(parseWith(json, '{}')).toEqual({ value: {} });
});
