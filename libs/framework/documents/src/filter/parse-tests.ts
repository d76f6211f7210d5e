import { isDocument, plainOperand } from '../values.ts';
import type { Comparison, Test } from './filter-tree.ts';
import { readFilter, type Budget } from './parse-filter.ts';
import { parsePattern } from './pattern.ts';

/** Operators as they were written, and what they ask. All tests must hold. */
export interface ParsedTests {
  readonly written: unknown;
  readonly tests: readonly Test[];
}

const maximumValues = 10_000;
const comparisons: readonly string[] = ['$gt', '$gte', '$lt', '$lte'];
const lists: readonly string[] = ['$in', '$nin', '$all'];
const supported = [
  ...['$eq', '$ne', ...comparisons, ...lists, '$exists', '$not', '$regex', '$options', '$elemMatch', '$size'],
];

/** Whether a condition is written with operators, as opposed to a value that is to be equal. */
export function isOperators(value: unknown): value is Record<string, unknown> {
  return isDocument(value) && Object.keys(value).some((name) => name.startsWith('$'));
}

/** @throws {TypeError} for operators that are not supported, and for operands that are none. */
export function parseTests(given: Record<string, unknown> | RegExp, budget: Budget): ParsedTests {
  if (given instanceof RegExp) {
    const pattern = parsePattern(given.source, given.flags);
    return { written: regexOf(pattern), tests: [{ kind: 'matches', pattern }] };
  }
  const written: Record<string, unknown> = {};
  const tests: Test[] = [];
  for (const [name, operand] of Object.entries(given)) {
    budget.left -= 1;
    if (operand === undefined)
      throw new TypeError(`Expected \`${name}\` of a filter to have a value, got \`undefined\``);
    if (name === '$options') continue;
    const read = parseTest(name, operand, given, budget);
    Object.assign(written, name === '$regex' ? read.written : { [name]: read.written });
    tests.push(...read.tests);
  }
  if ('$options' in given && !('$regex' in given)) throw new TypeError('Expected `$options` to stand beside `$regex`');
  return { written, tests };
}

function parseTest(name: string, operand: unknown, given: Record<string, unknown>, budget: Budget): ParsedTests {
  if (comparisons.includes(name)) return comparison(name as Comparison, operand);
  if (lists.includes(name)) return list(name, operand, budget);
  switch (name) {
    case '$eq':
    case '$ne': {
      const value = plainOperand(operand, 'a filter');
      const equals: Test = { kind: 'equals', value };
      return { written: value, tests: [name === '$eq' ? equals : { kind: 'none', tests: [equals] }] };
    }
    case '$exists': {
      if (typeof operand !== 'boolean') throw operandError(name, '`true` or `false`');
      const exists: Test = { kind: 'exists' };
      return { written: operand, tests: [operand ? exists : { kind: 'none', tests: [exists] }] };
    }
    case '$size':
      if (!Number.isInteger(operand) || Number(operand) < 0) throw operandError(name, 'an integer from 0 up');
      return { written: operand, tests: [{ kind: 'size', size: Number(operand) }] };
    case '$regex': {
      const [source, flags] = operand instanceof RegExp ? [operand.source, operand.flags] : [operand, ''];
      const { $options = flags } = given;
      if (typeof source !== 'string' || typeof $options !== 'string') throw operandError(name, 'a regular expression');
      const pattern = parsePattern(source, $options);
      return { written: regexOf(pattern), tests: [{ kind: 'matches', pattern }] };
    }
    case '$not': {
      if (!(operand instanceof RegExp) && !isOperators(operand)) throw operandError(name, 'operators');
      const { written, tests } = parseTests(operand, budget);
      return { written, tests: [{ kind: 'none', tests }] };
    }
    case '$elemMatch':
      return elementMatch(operand, budget);
    default:
      throw new TypeError(`Expected the operators of a filter to be of ${supported.join(', ')}, got \`${name}\``);
  }
}

function comparison(operator: Comparison, operand: unknown): ParsedTests {
  const value = plainOperand(operand, 'a filter');
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    throw operandError(operator, 'a text, a number, a boolean, a date or `null`');
  }
  // Nothing is greater or less than `null`, and only what equals it is not.
  const equals: Test = { kind: 'equals', value: null };
  const never: Test = { kind: 'in', values: [] };
  if (value === null) return { written: null, tests: [operator.endsWith('e') ? equals : never] };
  return { written: value, tests: [{ kind: 'compare', operator, value: value as string | number | boolean | Date }] };
}

function list(name: string, operand: unknown, budget: Budget): ParsedTests {
  if (!Array.isArray(operand) || operand.length > maximumValues)
    throw operandError(name, `a list of at most ${maximumValues}`);
  if (name !== '$all') {
    const values = operand.map((value) => plainOperand(value, 'a filter'));
    const within: Test = { kind: 'in', values };
    return { written: values, tests: [name === '$in' ? within : { kind: 'none', tests: [within] }] };
  }
  const each = operand.map((value: unknown): ParsedTests => {
    if (isOperators(value) && Object.keys(value).join() === '$elemMatch') return parseTests(value, budget);
    const plain = plainOperand(value, 'a filter');
    return { written: plain, tests: [{ kind: 'equals', value: plain }] };
  });
  const never: Test = { kind: 'in', values: [] };
  const tests: Test[] = each.length === 0 ? [never] : [{ kind: 'all', tests: each.flatMap((one) => one.tests) }];
  return { written: each.map(({ written }) => written), tests };
}

function elementMatch(operand: unknown, budget: Budget): ParsedTests {
  if (!isDocument(operand)) throw operandError('$elemMatch', 'a filter or operators');
  const [first = ''] = Object.keys(operand);
  if (first.startsWith('$') && !['$and', '$or', '$nor'].includes(first)) {
    const { written, tests } = parseTests(operand, budget);
    return { written, tests: [{ kind: 'element-value', tests }] };
  }
  const { written, tree } = readFilter(operand, budget);
  return { written, tests: [{ kind: 'element', filter: tree }] };
}

/** As MongoDB reads it: its driver would take the flags of JavaScript along. */
function regexOf({ source, ignoreCase }: { source: string; ignoreCase: boolean }): Record<string, string> {
  return { $regex: source, $options: ignoreCase ? 'i' : '' };
}

function operandError(name: string, expected: string): TypeError {
  return new TypeError(`Expected \`${name}\` of a filter to be ${expected}`);
}
