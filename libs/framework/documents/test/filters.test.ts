import { postgresRequirement, skipUnless } from '@org/testing';
import fc from 'fast-check';
import { Query } from 'mingo';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { documents, filter, sort, typedDocuments, typedFilter, typedSort } from '../test-fixtures/arbitraries.ts';
import { kinds, openTest, type TestDatabase } from '../test-fixtures/databases.ts';
import { inOrder } from '../test-fixtures/in-order.ts';
import { mingoAgrees } from '../test-fixtures/mingo-agrees.ts';
import { numRuns } from '../test-fixtures/num-runs.ts';
import { parseFilter } from '../src/filter/parse-filter.ts';
import { matches } from '../src/filter/matches.ts';
import { defineCollection, type Collection } from '../src/index.ts';

/** Nothing is known of it: any field may be an array, or of any type. */
const things = defineCollection({ name: 'things', schema: z.looseObject({}) });
/** All is known, and there are indexes. */
const inner = z.object({ text: z.string().optional(), number: z.number().optional() });
const typed = defineCollection({
  name: 'typed',
  schema: z.object({
    text: z.string().nullish(),
    number: z.number().nullish(),
    flag: z.boolean().nullish(),
    at: z.date().nullish(),
    inner: inner.optional(),
    tags: z.array(z.string()).optional(),
    lines: z.array(inner).optional(),
  }),
  indexes: [
    { keys: { text: 1 } },
    { keys: { number: -1, at: 1 } },
    { keys: { at: 1 } },
    { keys: { 'inner.number': 1, 'inner.text': -1 } },
  ],
});

type Thing = { readonly _id: string; readonly [name: string]: unknown };
type Things = Collection<Thing, Readonly<Record<string, unknown>>>;
const idsOf = (found: readonly Thing[]) => found.map(({ _id }) => _id).sort();

test('a filter in memory finds what mingo finds', () => {
  fc.assert(
    fc.property(documents, filter, (all, wanted) => {
      const given = all.filter((document) => mingoAgrees(wanted, document));
      const expected = given.filter((document) => new Query(wanted).test(document));
      const { tree } = parseFilter(wanted, things.schema);
      expect(idsOf(given.filter((document) => matches(tree, document)))).toEqual(idsOf(expected));
    }),
    { numRuns: numRuns * 10 },
  );
});

describe.each(kinds)('JSONB on %s', (kind) => {
  let opened: TestDatabase | undefined;
  const collections: Record<string, Things> = {};
  beforeAll(async () => {
    opened = await openTest(kind);
    const made = await opened?.open(things, typed);
    if (made) Object.assign(collections, { things: made.collection(things), typed: made.collection(typed) });
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach((context) => skipUnless(context, opened !== undefined, postgresRequirement));

  const kept = async (name: string, given: readonly Thing[]): Promise<Things> => {
    const collection = collections[name] as Things;
    await collection.deleteMany({});
    await collection.insertMany(given);
    return collection;
  };
  const cases = [
    { name: 'things', documentsOf: documents as fc.Arbitrary<Thing[]>, filterOf: filter, sortOf: sort },
    { name: 'typed', documentsOf: typedDocuments as fc.Arbitrary<Thing[]>, filterOf: typedFilter, sortOf: typedSort },
  ];

  test.each(cases)(
    'a filter of $name finds what mingo finds, and what it finds in memory',
    async (given) => {
      const { name, documentsOf, filterOf } = given;
      await fc.assert(
        fc.asyncProperty(documentsOf, filterOf, async (all, wanted) => {
          const found = new Set(idsOf(await (await kept(name, all)).find(wanted).toArray()));
          const { tree } = parseFilter(wanted, things.schema);
          // mingo compares texts as JavaScript does, by halves of the characters behind U+FFFF.
          const comparesByCodePoints = !/[\uD800-\uFFFF]/.test(JSON.stringify(wanted));
          for (const document of all) {
            expect(found.has(document._id)).toBe(matches(tree, document));
            if (comparesByCodePoints && mingoAgrees(wanted, document))
              expect(found.has(document._id)).toBe(new Query(wanted).test(document));
          }
        }),
        { numRuns },
      );
    },
    600_000,
  );

  test.each(cases)(
    '$name are sorted by the order of all types',
    async ({ name, documentsOf, sortOf }) => {
      await fc.assert(
        fc.asyncProperty(documentsOf, sortOf, async (all, order) => {
          const found = await (await kept(name, all)).find({}, { sort: order, batchSize: 3 }).toArray();
          expect(idsOf(found)).toEqual(idsOf(all));
          expect(inOrder(found, order)).toBe(true);
        }),
        { numRuns },
      );
    },
    600_000,
  );
});
