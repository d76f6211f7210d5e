import { compareValues, rankOf, sameValue } from '../compare.ts';
import { isIndex, type Segments } from '../fields.ts';
import { isDocument, type PlainDocument } from '../values.ts';
import type { Comparison, FilterTree, Test } from './filter-tree.ts';

/** Whether a filter lets a document through. */
export function matches(tree: FilterTree, document: PlainDocument): boolean {
  switch (tree.kind) {
    case 'and':
      return tree.of.every((each) => matches(each, document));
    case 'or':
      return tree.of.some((each) => matches(each, document));
    case 'not':
      return !matches(tree.of, document);
    case 'field':
      return matchesField(found(document, tree.path), tree.test);
  }
}

/** Whether all tests hold for an element by itself. */
export function matchesTests(tests: readonly Test[], element: unknown): boolean {
  return tests.every((test) => matchesValue(test, element));
}

/** What stands at a path. */
interface Found {
  readonly values: readonly unknown[];
  /** Whether something of the path is missing somewhere. */
  readonly missing: boolean;
}

function found(value: unknown, path: Segments): Found {
  const [segment, ...rest] = path;
  if (segment === undefined) return { values: [value], missing: false };
  if (Array.isArray(value)) {
    if (isIndex(segment)) return value.length > Number(segment) ? found(value[Number(segment)], rest) : nothing;
    const each = value.filter(isDocument).map((element) => found(element, path));
    return { values: each.flatMap(({ values }) => values), missing: each.some(({ missing }) => missing) };
  }
  if (!isDocument(value) || !Object.hasOwn(value, segment)) return nothing;
  return found(value[segment], rest);
}

const nothing: Found = { values: [], missing: true };

function matchesField(place: Found, test: Test): boolean {
  const { values, missing } = place;
  switch (test.kind) {
    case 'none':
      return !test.tests.every((each) => matchesField(place, each));
    case 'all':
      return test.tests.every((each) => matchesField(place, each));
    case 'exists':
      return values.length > 0;
    case 'equals':
      if (missing && test.value === null) return true;
      break;
    case 'in':
      if (missing && test.values.includes(null)) return true;
      break;
    case 'size':
    case 'element':
    case 'element-value':
      return values.some((value) => matchesValue(test, value));
  }
  return values.some(
    (value) => matchesValue(test, value) || (Array.isArray(value) && value.some((each) => matchesValue(test, each))),
  );
}

function matchesValue(test: Test, value: unknown): boolean {
  switch (test.kind) {
    case 'none':
      return !matchesTests(test.tests, value);
    case 'all':
      return matchesTests(test.tests, value);
    case 'exists':
      return true;
    case 'equals':
      return sameValue(test.value, value);
    case 'in':
      return test.values.some((each) => sameValue(each, value));
    case 'compare':
      return rankOf(value) === rankOf(test.value) && holds(test.operator, compareValues(value, test.value));
    case 'matches':
      return (
        typeof value === 'string' && new RegExp(test.pattern.source, test.pattern.ignoreCase ? 'iu' : 'u').test(value)
      );
    case 'size':
      return Array.isArray(value) && value.length === test.size;
    case 'element':
      return Array.isArray(value) && value.some((each) => isDocument(each) && matches(test.filter, each));
    case 'element-value':
      return Array.isArray(value) && value.some((each) => matchesTests(test.tests, each));
  }
}

function holds(operator: Comparison, difference: number): boolean {
  switch (operator) {
    case '$gt':
      return difference > 0;
    case '$gte':
      return difference >= 0;
    case '$lt':
      return difference < 0;
    case '$lte':
      return difference <= 0;
  }
}
