import type * as z from 'zod';
import { overlap, parsePath, type Segments } from '../fields.ts';
import type { Test } from '../filter/filter-tree.ts';
import { readFilter } from '../filter/parse-filter.ts';
import { isOperators, parseTests } from '../filter/parse-tests.ts';
import { shapeAt } from '../shape.ts';
import { isDocument, plainOperand } from '../values.ts';
import { checkAt } from './check-at.ts';
import type { ParsedUpdate, Removal, UpdateStep } from './update-step.ts';

const operators = [
  ...['$set', '$setOnInsert', '$unset', '$inc', '$mul', '$min', '$max'],
  ...['$push', '$addToSet', '$pull', '$rename', '$currentDate'],
] as const;
type Operator = (typeof operators)[number];

/** A step, and its operand as MongoDB takes it. */
interface ReadStep {
  readonly step: UpdateStep;
  readonly written: unknown;
}

/**
 * Reads an update, and holds its values against the schema of the collection.
 *
 * @throws {TypeError} when it has an operator or an operand that is not supported, or two that change the same.
 * @throws {ServiceError} invalid_argument, DOCUMENT_INVALID, when a value does not fit the schema.
 */
export function parseUpdate(given: unknown, schema: z.core.$ZodType, doing: string): ParsedUpdate {
  if (!isDocument(given) || Object.keys(given).length === 0) {
    throw new TypeError(`Expected an update to be an object with operators such as $set, got \`${String(given)}\``);
  }
  const written: Record<string, Record<string, unknown>> = {};
  const steps: UpdateStep[] = [];
  for (const [name, fields] of Object.entries(given)) {
    if (!isOperator(name)) {
      const expected = name.startsWith('$')
        ? `of ${operators.join(', ')}`
        : 'operators. To replace a document, use replaceOne';
      throw new TypeError(`Expected the names of an update to be ${expected}, got \`${name}\``);
    }
    if (!isDocument(fields)) throw new TypeError(`Expected \`${name}\` of an update to be an object of fields`);
    const operands: Record<string, unknown> = {};
    for (const [at, operand] of Object.entries(fields)) {
      const read = readStep(name, parsePath(at, 'an update'), operand);
      check(read.step, schema, doing);
      operands[at] = read.written;
      steps.push(read.step);
    }
    // MongoDB takes an empty one for a mistake in some versions, and for nothing in others.
    if (Object.keys(operands).length > 0) written[name] = operands;
  }
  assertApart(steps);
  return { given: written, steps };
}

function readStep(operator: Operator, path: Segments, operand: unknown): ReadStep {
  const refuse = (expected: string) =>
    new TypeError(`Expected \`${operator}\` of \`${path.join('.')}\` in an update to be ${expected}`);
  if (operand === undefined) throw refuse('a value, got `undefined`; $unset removes a field');
  switch (operator) {
    case '$unset':
      return { step: { path, operator }, written: '' };
    case '$currentDate':
      if (operand !== true) throw refuse('`true`, for a date');
      return { step: { path, operator }, written: true };
    case '$inc':
    case '$mul':
      if (typeof operand !== 'number' || !Number.isFinite(operand)) throw refuse('a finite number');
      return { step: { path, operator, value: operand }, written: operand };
    case '$rename': {
      if (typeof operand !== 'string') throw refuse('a path');
      return { step: { path, operator, to: parsePath(operand, 'an update') }, written: operand };
    }
    case '$push':
    case '$addToSet':
      return readAdded(operator, path, operand, refuse);
    case '$pull': {
      const { removal, written } = readRemoval(operand);
      return { step: { path, operator, removal }, written };
    }
    default: {
      const value = plainOperand(operand, 'an update');
      return { step: { path, operator, value }, written: value };
    }
  }
}

function readAdded(
  operator: '$push' | '$addToSet',
  path: Segments,
  operand: unknown,
  refuse: (expected: string) => TypeError,
): ReadStep {
  const known = operator === '$push' ? ['$each', '$slice'] : ['$each'];
  if (!isOperators(operand)) {
    const value = plainOperand(operand, 'an update');
    const step: UpdateStep =
      operator === '$push'
        ? { path, operator, values: [value], slice: undefined }
        : { path, operator, values: [value] };
    return { step, written: value };
  }
  const { $each, $slice } = operand;
  if (Object.keys(operand).some((name) => !known.includes(name))) throw refuse(`a value, or ${known.join(' and ')}`);
  if (!Array.isArray($each)) throw refuse('a value, or `$each` with a list');
  if ($slice !== undefined && !Number.isInteger($slice)) throw refuse('with a `$slice` that is an integer');
  const values = $each.map((value) => plainOperand(value, 'an update'));
  const slice = $slice as number | undefined;
  const step: UpdateStep = operator === '$push' ? { path, operator, values, slice } : { path, operator, values };
  return { step, written: { $each: values, ...(slice !== undefined && { $slice: slice }) } };
}

function readRemoval(operand: unknown): { removal: Removal; written: unknown } {
  const budget = { left: 1_000 };
  const combines = isDocument(operand) && Object.keys(operand).some((name) => ['$and', '$or', '$nor'].includes(name));
  if (operand instanceof RegExp || (isOperators(operand) && !combines)) {
    const { tests, written } = parseTests(operand, budget);
    return { removal: { kind: 'tests', tests }, written };
  }
  if (isDocument(operand)) {
    const { tree, written } = readFilter(operand, budget);
    return { removal: { kind: 'filter', filter: tree }, written };
  }
  const value = plainOperand(operand, 'an update');
  const equals: Test = { kind: 'equals', value };
  return { removal: { kind: 'tests', tests: [equals] }, written: value };
}

function check(step: UpdateStep, schema: z.core.$ZodType, doing: string): void {
  const { path, operator } = step;
  if (path[0] === '_id' || (operator === '$rename' && step.to[0] === '_id')) {
    throw new TypeError(`Expected an update to leave \`_id\` alone, got \`${operator}\``);
  }
  switch (operator) {
    case '$set':
    case '$setOnInsert':
    case '$min':
    case '$max':
      return checkAt(schema, path, step.value, doing);
    case '$inc':
    case '$mul':
      return assertKind(schema, path, operator, 'a number', 'number');
    case '$currentDate':
      return assertKind(schema, path, operator, 'a date', 'date');
    case '$unset':
      return checkAt(schema, path, undefined, doing);
    case '$push':
    case '$addToSet':
      for (const value of step.values) checkAt(schema, [...path, '0'], value, doing);
      return assertArray(schema, path, operator);
    case '$pull':
      return assertArray(schema, path, operator);
    case '$rename':
      if (shapeAt(schema, path).array !== shapeAt(schema, step.to).array) {
        throw new TypeError(`Expected \`$rename\` to lead to a field of the same type, got \`${step.to.join('.')}\``);
      }
  }
}

function assertKind(schema: z.core.$ZodType, path: Segments, operator: string, expected: string, wanted: string): void {
  const { kind } = shapeAt(schema, path);
  if (kind === wanted || kind === 'other') return;
  throw new TypeError(`Expected \`${operator}\` to be of ${expected}, got \`${path.join('.')}\`, which is a ${kind}`);
}

function assertArray(schema: z.core.$ZodType, path: Segments, operator: string): void {
  if (shapeAt(schema, path).array !== false) return;
  throw new TypeError(`Expected \`${operator}\` to be of an array, got \`${path.join('.')}\``);
}

/** MongoDB refuses them too, since the order in which they are done is nobody's. */
function assertApart(steps: readonly UpdateStep[]): void {
  const paths = steps.flatMap((step) => (step.operator === '$rename' ? [step.path, step.to] : [step.path]));
  const twice = paths.find((path, at) => paths.some((other, before) => before < at && overlap(path, other)));
  if (twice) throw new TypeError(`Expected an update to change \`${twice.join('.')}\` once, got two operators for it`);
}

function isOperator(name: string): name is Operator {
  return (operators as readonly string[]).includes(name);
}
