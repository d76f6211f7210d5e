import { isDocument } from './values.ts';

/** Whether two values are the same. The order of names in embedded documents does not count. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one instanceof Date) return other instanceof Date && one.getTime() === other.getTime();
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((each, at) => sameValue(each, other[at]));
  }
  if (!isDocument(one) || !isDocument(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameValue(one[name], other[name]))
  );
}

/**
 * The place of a value's type in the order of all types.
 *
 * @see https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
export function rankOf(value: unknown): number {
  if (value === null || value === undefined) return 1;
  if (typeof value === 'number') return 2;
  if (typeof value === 'string') return 3;
  if (typeof value === 'boolean') return 8;
  if (value instanceof Date) return 9;
  return Array.isArray(value) ? 5 : 4;
}

/** Below zero where the first comes before the second. Texts are compared by their code points. */
export function compareValues(one: unknown, other: unknown): number {
  const ranks = rankOf(one) - rankOf(other);
  if (ranks !== 0) return ranks;
  if (typeof one === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(other as string));
  if (Array.isArray(one)) return compareEach(one, other as unknown[]);
  if (isDocument(one)) return compareEach(Object.entries(one).flat(), Object.entries(other as object).flat());
  return Number(one) - Number(other);
}

function compareEach(one: readonly unknown[], other: readonly unknown[]): number {
  for (const [index, value] of one.entries()) {
    if (index >= other.length) return 1;
    const difference = compareValues(value, other[index]);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
