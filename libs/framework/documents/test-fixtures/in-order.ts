import { compareValues, rankOf } from '../src/compare.ts';

/** Whether documents are in an order: by the least of the values at a path, or downwards by the greatest. */
export function inOrder(documents: readonly object[], order: Readonly<Record<string, 1 | -1>>): boolean {
  return documents.every((document, index) => {
    const next = documents[index + 1];
    return next === undefined || compareBy(document, next, order) <= 0;
  });
}

function compareBy(one: object, other: object, order: Readonly<Record<string, 1 | -1>>): number {
  for (const [path, direction] of Object.entries(order)) {
    const [left, right] = [one, other].map((each) => keyOf(each, path.split('.'), direction));
    if (rankOf(left) !== rankOf(right)) return (rankOf(left) - rankOf(right)) * direction;
    // How embedded documents and arrays in arrays are sorted among themselves is the database's.
    if (typeof left === 'object' && left !== null && !(left instanceof Date)) return 0;
    const difference = compareValues(left, right);
    if (difference !== 0) return difference * direction;
  }
  return 0;
}

function keyOf(value: unknown, path: readonly string[], direction: 1 | -1): unknown {
  const values = valuesAt(value, path).flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : [each]));
  return values.reduce((best, each) => (compareValues(each, best) * direction < 0 ? each : best), values[0] ?? null);
}

function valuesAt(value: unknown, [first, ...rest]: readonly string[]): unknown[] {
  if (first === undefined) return [value];
  if (Array.isArray(value)) {
    if (/^\d+$/.test(first)) return value.length > Number(first) ? valuesAt(value[Number(first)], rest) : [];
    return value.filter((each) => !Array.isArray(each)).flatMap((each) => valuesAt(each, [first, ...rest]));
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, first)) return [];
  return valuesAt((value as Record<string, unknown>)[first], rest);
}
