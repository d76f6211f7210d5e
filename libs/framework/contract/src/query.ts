import * as z from 'zod';

// Query values, path segments and headers are text. These schemas read text without guessing: an empty value is not 0,
// `false` is not true, and `1e3` is no whole number.

/** A whole number from decimal digits, at most 15 of them. `.default(20)` and `.optional()` go behind it. */
export function queryInteger({ min, max }: { min?: number; max?: number } = {}) {
  let schema = z.int({ error: 'Expected a whole number' });
  if (min !== undefined) schema = schema.min(min, { error: `Expected a whole number from ${min} up` });
  if (max !== undefined) schema = schema.max(max, { error: `Expected a whole number up to ${max}` });
  return z.preprocess((value: string | number) => (isDigits(value) ? Number(value) : value), schema);
}

/** `true` or `false`, and nothing else. */
export function queryBoolean() {
  return z.preprocess(
    (value: string | boolean) => (value === 'true' ? true : value === 'false' ? false : value),
    z.boolean({ error: 'Expected `true` or `false`' }),
  );
}

/** A list from a key that may be repeated: `?tag=a&tag=b`. A key that is not there is an empty list. */
export function queryList<Item extends z.ZodType>(item: Item, { maximum = 100 }: { maximum?: number } = {}) {
  return z
    .preprocess(
      (value: z.input<Item> | z.input<Item>[]) => (Array.isArray(value) ? (value as unknown[]) : [value]),
      z.array(item).max(maximum, { error: `Expected at most ${maximum} values` }),
    )
    .default([]);
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value);
}
