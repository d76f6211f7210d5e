import type * as z from 'zod';
import { parsePath, type Segments } from '../fields.ts';
import { isDocument, plainOperand, type PlainDocument } from '../values.ts';
import { assertPaths } from './assert-paths.ts';
import type { FilterTree, ParsedFilter, Test } from './filter-tree.ts';
import { isOperators, parseTests } from './parse-tests.ts';

/** How many parts a filter may have in all. */
const maximumParts = 1_000;

/**
 * Reads a filter.
 *
 * @throws {TypeError} when it has an operator that is not known, or a value that cannot be stored: `undefined` too, which
 *   MongoDB's driver takes for `null` and others for no condition at all.
 */
export function parseFilter(given: unknown, schema: z.core.$ZodType): ParsedFilter {
  const budget = { left: maximumParts };
  const { written, tree } = readFilter(given, budget);
  assertPaths(tree, schema);
  return { given: written, tree };
}

export interface Budget {
  left: number;
}

export interface ReadFilter {
  readonly written: PlainDocument;
  readonly tree: FilterTree;
}

export function readFilter(given: unknown, budget: Budget): ReadFilter {
  if (!isDocument(given)) throw new TypeError(`Expected a filter to be an object, got \`${String(given)}\``);
  const written: Record<string, unknown> = {};
  const of: FilterTree[] = [];
  for (const [name, value] of Object.entries(given)) {
    budget.left -= 1;
    if (budget.left < 0) throw new TypeError(`Expected a filter to have at most ${maximumParts} parts`);
    if (name === '$and' || name === '$or' || name === '$nor') {
      const parts = readParts(name, value, budget);
      written[name] = parts.map((part) => part.written);
      of.push(combined(name, parts));
    } else if (name.startsWith('$')) {
      throw new TypeError(`Expected a filter to combine by $and, $or or $nor, got \`${name}\`, which is not supported`);
    } else {
      const read = readField(parsePath(name, 'a filter'), value, budget);
      written[name] = read.written;
      of.push(...read.of);
    }
  }
  const [first] = of;
  return { written, tree: of.length === 1 && first ? first : { kind: 'and', of } };
}

function readParts(name: string, value: unknown, budget: Budget): ReadFilter[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(`Expected \`${name}\` to be a list of filters that is not empty`);
  }
  return value.map((part) => readFilter(part, budget));
}

function combined(name: '$and' | '$or' | '$nor', parts: readonly ReadFilter[]): FilterTree {
  const of = parts.map(({ tree }) => tree);
  if (name === '$nor') return { kind: 'not', of: { kind: 'or', of } };
  return { kind: name === '$and' ? 'and' : 'or', of };
}

function readField(path: Segments, value: unknown, budget: Budget): { written: unknown; of: FilterTree[] } {
  const field = (test: Test): FilterTree => ({ kind: 'field', path, test });
  if (value instanceof RegExp || isOperators(value)) {
    const { written, tests } = parseTests(value, budget);
    return { written, of: tests.map(field) };
  }
  const plain = plainOperand(value ?? refuseUndefined(value, path), 'a filter');
  return { written: plain, of: [field({ kind: 'equals', value: plain })] };
}

function refuseUndefined(value: unknown, path: Segments): null {
  if (value === null) return value;
  throw new TypeError(`Expected \`${path.join('.')}\` of a filter to be a value or \`null\`, got \`undefined\``);
}
