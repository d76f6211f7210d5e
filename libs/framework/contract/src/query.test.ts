import * as z from 'zod';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { cursorPage, pageQuery, queryBoolean, queryInteger, queryList } from './index.ts';

describe('queryInteger', () => {
  const schema = queryInteger({ min: -5, max: 500 });

  test.each([
    ['0', 0],
    ['-5', -5],
    ['007', 7],
    [42, 42],
  ])('reads %j', (text, number) => {
    expect(schema.parse(text)).toBe(number);
  });

  test.each([
    '',
    ' ',
    '1.5',
    '1e2',
    '0x10',
    '501',
    '-6',
    '9'.repeat(40),
    'NaN',
    'ten',
    ['1', '2'],
    null,
    undefined,
    true,
  ])('refuses %j', (value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });

  test('takes a default and may be left out', () => {
    const query = z.object({ page: queryInteger().default(1), size: queryInteger().optional() });
    expect(query.parse({})).toEqual({ page: 1 });
    expectTypeOf<z.output<typeof query>>().toEqualTypeOf<{ page: number; size?: number | undefined }>();
  });
});

test.each([
  ['true', true],
  ['false', false],
  [true, true],
])('queryBoolean reads %j', (text, value) => {
  expect(queryBoolean().parse(text)).toBe(value);
});

test.each(['', '0', '1', 'yes', 'TRUE', undefined, ['true', 'false']])('queryBoolean refuses %j', (value) => {
  expect(queryBoolean().safeParse(value).success).toBe(false);
});

test('queryList reads one value, many and none, and has a bound', () => {
  const query = z.object({ size: queryList(queryInteger(), { maximum: 2 }) });
  expect(query.parse({})).toEqual({ size: [] });
  expect(query.parse({ size: '1' })).toEqual({ size: [1] });
  expect(query.parse({ size: ['1', '2'] })).toEqual({ size: [1, 2] });
  expect(query.safeParse({ size: ['1', '2', '3'] }).error?.issues[0]?.message).toBe('Expected at most 2 values');
});

describe('pageQuery', () => {
  test('has bounds and defaults', () => {
    expect(pageQuery().parse({})).toEqual({ limit: 20 });
    expect(pageQuery({ maximum: 10 }).parse({})).toEqual({ limit: 10 });
    expect(pageQuery({ maximum: 500, default: 50 }).parse({ cursor: 'x' })).toEqual({ limit: 50, cursor: 'x' });
  });

  test.each([{ limit: '0' }, { limit: '101' }, { limit: '' }, { cursor: '' }, { cursor: 'x'.repeat(2000) }])(
    'refuses %j',
    (query) => {
      expect(pageQuery().safeParse(query).success).toBe(false);
    },
  );

  test('belongs to a page of items', () => {
    expect(cursorPage(z.string()).parse({ items: ['a'], nextCursor: 'b' })).toEqual({ items: ['a'], nextCursor: 'b' });
  });
});
