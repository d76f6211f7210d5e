import { postgresRequirement, skipUnless } from '@org/testing';
import fc from 'fast-check';
import { Query } from 'mingo';
import { update as updateByMingo } from 'mingo/updater';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { document, projection, update } from '../test-fixtures/arbitraries.ts';
import { kinds, openTest, type TestDatabase } from '../test-fixtures/databases.ts';
import { numRuns } from '../test-fixtures/num-runs.ts';
import { defineCollection, type Collection } from '../src/index.ts';
import { parseProjection, project } from '../src/projection.ts';
import { applyUpdate } from '../src/update/apply-update.ts';
import { Impossible } from '../src/update/navigate.ts';
import { parseUpdate } from '../src/update/parse-update.ts';
import type { UpdateStep } from '../src/update/update-step.ts';

const things = defineCollection({ name: 'things', schema: z.looseObject({}) });
type Thing = { readonly _id: string; readonly [name: string]: unknown };

/** The steps of an update; `undefined` for one that changes the same twice. */
function stepsOf(change: object): readonly UpdateStep[] | undefined {
  try {
    return parseUpdate(change, things.schema, 'update').steps;
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return undefined;
  }
}

function applied(given: object, steps: readonly UpdateStep[]): object | undefined {
  try {
    return applyUpdate(given as Thing, steps, { now: new Date(), inserting: false });
  } catch (error) {
    expect(error).toBeInstanceOf(Impossible);
    return undefined;
  }
}

const at = (given: unknown, path: readonly string[]) =>
  path.reduce((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], given);

/**
 * mingo compares an array by its elements for `$min` and `$max`, and leaves `$slice` aside where `$push` makes the array.
 */
function mingoAgrees(given: object, steps: readonly UpdateStep[]): boolean {
  return steps.every(({ path, operator }) => {
    const value = at(given, path);
    if (operator === '$push') return value !== undefined;
    return !['$min', '$max'].includes(operator) || !Array.isArray(value);
  });
}

/** mingo leaves holes where MongoDB has `null`, and knows `-0`. */
function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value))
    return Array.from(value, (each: unknown) => (each === undefined ? null : withoutHoles(each)));
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutHoles(each)]));
}

test('an update in memory does what mingo does, where it can be done', () => {
  fc.assert(
    fc.property(document, update, (given, change) => {
      const steps = stepsOf(change);
      fc.pre(steps !== undefined && mingoAgrees(given, steps));
      const before = structuredClone(given);
      const ours = applied(given, steps);
      expect(given).toEqual(before);
      // What cannot be done is left aside by mingo in silence.
      fc.pre(ours !== undefined);
      const theirs = structuredClone(given);
      updateByMingo(theirs, structuredClone(change));
      expect(ours).toEqual(withoutHoles(theirs));
    }),
    { numRuns: numRuns * 10 },
  );
});

test('a projection gives what mingo gives', () => {
  fc.assert(
    fc.property(document, projection, (given, wanted) => {
      const whole = { _id: 'x', ...given };
      let [parsed, theirs]: unknown[] = [];
      try {
        parsed = parseProjection(wanted);
        [theirs] = new Query({}).find([whole], wanted).all();
      } catch {
        // Paths that lead to each other, and mingo's errors at `null`.
        fc.pre(false);
      }
      expect(project(whole, parsed as ReturnType<typeof parseProjection>)).toEqual(theirs);
    }),
    { numRuns: numRuns * 10 },
  );
});

describe.each(kinds)('JSONB on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let collection: Collection<Thing, Readonly<Record<string, unknown>>>;
  beforeAll(async () => {
    opened = await openTest(kind);
    const documents = await opened?.open(things);
    if (documents) collection = documents.collection(things);
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach((context) => skipUnless(context, opened !== undefined, postgresRequirement));

  test('an update of a document that is kept does the same, and a projection of it', async () => {
    await fc.assert(
      fc.asyncProperty(document, update, projection, async (given, change, wanted) => {
        const steps = stepsOf(change);
        fc.pre(steps !== undefined);
        const whole = { _id: 'x', ...given };
        await collection.deleteMany({});
        await collection.insertOne(whole);
        const expected = applied(whole, steps);
        const updating = collection.updateOne({ _id: 'x' }, change);
        if (!expected) await expect(updating).rejects.toMatchObject({ reason: 'UPDATE_IMPOSSIBLE' });
        else expect(await updating).toMatchObject({ matchedCount: 1 });
        expect(await collection.findOne({})).toEqual(expected ?? whole);
        try {
          parseProjection(wanted);
        } catch {
          fc.pre(false);
        }
        const part = await collection.findOne({}, { projection: wanted });
        expect(part).toEqual(project((expected as Thing | undefined) ?? whole, parseProjection(wanted)));
      }),
      { numRuns },
    );
  }, 600_000);
});
