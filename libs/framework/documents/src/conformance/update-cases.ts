import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Update } from '../types/update.ts';
import type { Cases } from './conformance.ts';
import type { Anything, World } from './world.ts';

type Step = readonly [update: Update<Anything>, after: object];

/** Updates one and the same document again and again. */
const changing = (given: object, steps: readonly Step[]) => async (world: World) => {
  const { anything } = world;
  await anything.insertMany([
    { _id: 'x', ...given },
    { _id: 'other', ...given },
  ]);
  for (const [update, after] of steps) {
    const result = await anything.updateOne({ _id: 'x' }, update);
    deepEqual([update, result.matchedCount, result.upsertedId], [update, 1, undefined]);
    deepEqual([update, await anything.findOne({ _id: 'x' })], [update, { _id: 'x', ...after }]);
  }
  deepEqual(await anything.findOne({ _id: 'other' }), { _id: 'other', ...given });
};

const date = new Date('2026-01-01T00:00:00.000Z');

/** What whoever changes a document can rely on. */
export const updateCases: Cases = {
  'fields are set, removed and renamed, however deep': changing({ a: 1, b: { c: [1, { d: 2 }] } }, [
    [{ $set: { a: 'x', e: { f: date } } }, { a: 'x', b: { c: [1, { d: 2 }] }, e: { f: date } }],
    [{ $set: { 'b.c.1.d': 3, 'b.g.h': null } }, { a: 'x', b: { c: [1, { d: 3 }], g: { h: null } }, e: { f: date } }],
    [
      { $set: { 'b.c.3': 4 }, $unset: { e: '' } },
      { a: 'x', b: { c: [1, { d: 3 }, null, 4], g: { h: null } } },
    ],
    [{ $unset: { 'b.c.0': '', 'b.g.h': true, nothing: 1 } }, { a: 'x', b: { c: [null, { d: 3 }, null, 4], g: {} } }],
    [{ $rename: { a: 'b.a', none: 'some' } }, { b: { c: [null, { d: 3 }, null, 4], g: {}, a: 'x' } }],
    [{ $setOnInsert: { a: 1 }, $set: { b: 1 } }, { b: 1 }],
  ]),

  'numbers are added to and multiplied, and the least or greatest is kept': changing({ n: 1, text: 'b' }, [
    [{ $inc: { n: 2, 'deep.m': -0.5 } }, { n: 3, text: 'b', deep: { m: -0.5 } }],
    [{ $mul: { n: 1.5, 'deep.k': 5 } }, { n: 4.5, text: 'b', deep: { m: -0.5, k: 0 } }],
    [
      { $min: { n: 2, low: 1 }, $max: { text: 'a' } },
      { n: 2, text: 'b', deep: { m: -0.5, k: 0 }, low: 1 },
    ],
    [
      { $max: { n: 2.5, at: date }, $min: { low: null } },
      { n: 2.5, text: 'b', deep: { m: -0.5, k: 0 }, low: null, at: date },
    ],
    [
      { $max: { n: 'text' }, $unset: { deep: '', low: '', at: '' } },
      { n: 'text', text: 'b' },
    ],
  ]),

  'elements are added to arrays and taken out of them': changing({ list: [1] }, [
    [{ $push: { list: 2, 'new.list': { a: 1 } } }, { list: [1, 2], new: { list: [{ a: 1 }] } }],
    [{ $push: { list: [3] } }, { list: [1, 2, [3]], new: { list: [{ a: 1 }] } }],
    [{ $push: { list: { $each: [4, 5], $slice: -3 } }, $unset: { new: '' } }, { list: [[3], 4, 5] }],
    [{ $push: { list: { $each: [], $slice: 2 } } }, { list: [[3], 4] }],
    [{ $addToSet: { list: 4 } }, { list: [[3], 4] }],
    [{ $addToSet: { list: { $each: [4, 6, 6, 'x', { a: 1 }, { a: 1 }] } } }, { list: [[3], 4, 6, 'x', { a: 1 }] }],
    [{ $pull: { list: { $gte: 4, $lt: 6 } } }, { list: [[3], 6, 'x', { a: 1 }] }],
    [{ $pull: { list: { a: 1 } } }, { list: [[3], 6, 'x'] }],
    [{ $pull: { list: { $in: [6, 'y'] }, none: 1 } }, { list: [[3], 'x'] }],
    [{ $pull: { list: 'x' } }, { list: [[3]] }],
  ]),

  'embedded documents are taken out of arrays by what they hold': changing(
    {
      lines: [
        { sku: 'a', n: 1 },
        { sku: 'b', n: 2 },
        { sku: 'a', n: 3, x: 1 },
      ],
    },
    [
      [
        { $pull: { lines: { sku: 'a', n: { $gt: 1 } } } },
        {
          lines: [
            { sku: 'a', n: 1 },
            { sku: 'b', n: 2 },
          ],
        },
      ],
      [
        { $set: { 'lines.1.n': 5 }, $push: { 'lines.0.tags': 'x' } },
        {
          lines: [
            { sku: 'a', n: 1, tags: ['x'] },
            { sku: 'b', n: 5 },
          ],
        },
      ],
      [{ $pull: { lines: { $or: [{ n: 5 }, { tags: 'y' }] } as never } }, { lines: [{ sku: 'a', n: 1, tags: ['x'] }] }],
    ],
  ),

  'the time of an update is set': async ({ people }) => {
    const before = Date.now();
    const { _id } = await people.insertOne({ name: 'Ann' });
    await people.updateOne({ _id }, { $currentDate: { born: true } });
    const born = (await people.findOne({ _id }))?.born?.getTime() ?? 0;
    ok(born >= before - 5_000 && born <= Date.now() + 5_000);
  },

  'what does not fit a document is refused, and the document stays as it was': async ({ anything }) => {
    const document = { _id: 'x', text: 'a', null: null, list: [1], n: 1 };
    await anything.insertOne(document);
    const impossible: Update<Anything>[] = [
      { $inc: { text: 1 } },
      { $inc: { null: 1 } },
      { $mul: { list: 2 } },
      { $push: { n: 1 } },
      { $addToSet: { text: 'x' } },
      { $pull: { n: 1 } },
      { $set: { 'text.a': 1 } },
      { $set: { 'list.a': 1, n: 2 } },
      { $set: { n: 2 }, $inc: { 'null.a': 1 } },
    ];
    for (const update of impossible) {
      await rejects(anything.updateOne({ _id: 'x' }, update), {
        code: 'failed_precondition',
        reason: 'UPDATE_IMPOSSIBLE',
      });
    }
    deepEqual(await anything.findOne({ _id: 'x' }), document);
  },

  'how many were found is told apart from how many have changed': async ({ people }) => {
    await people.insertMany([
      { name: 'Ann', age: 1 },
      { name: 'Bob', age: 2 },
      { name: 'Cid', age: 3 },
    ]);
    const result = (matchedCount: number, modifiedCount: number) => ({
      matchedCount,
      modifiedCount,
      upsertedId: undefined,
    });
    deepEqual(await people.updateMany({ age: { $gte: 2 } }, { $set: { age: 3 } }), result(2, 1));
    deepEqual(await people.updateOne({ age: 3 }, { $set: { active: true } }), result(1, 0));
    deepEqual(await people.updateOne({ age: 3 }, { $set: {} }), result(1, 0));
    deepEqual(await people.updateMany({ age: 9 }, { $set: { age: 1 } }), result(0, 0));
    deepEqual(await people.updateMany({}, { $inc: { age: 1 }, $push: { tags: 'x' } }), result(3, 3));
    deepEqual(
      (await people.find({}, { sort: { age: 1 } }).toArray()).map(({ age }) => age),
      [2, 4, 4],
    );
  },

  'more documents than one batch are changed, each once': async ({ anything }) => {
    await anything.insertMany(Array.from({ length: 950 }, (_, n) => ({ n })));
    equal((await anything.updateMany({ n: { $gte: 0 } }, { $inc: { n: 1 } })).modifiedCount, 950);
    equal(await anything.countDocuments({ n: 0 }), 0);
    equal(await anything.countDocuments({ n: 950 }), 1);
  },

  'a document is replaced but for its id': async ({ people }) => {
    const { _id } = await people.insertOne({ name: 'Ann', age: 5, tags: ['x'] });
    deepEqual(await people.replaceOne({ name: 'Ann' }, { name: 'Anna' }), {
      matchedCount: 1,
      modifiedCount: 1,
      upsertedId: undefined,
    });
    deepEqual(await people.findOne({}), { _id, name: 'Anna', active: true, tags: [] });
    deepEqual(await people.replaceOne({ _id }, { _id, name: 'Anna' }), {
      matchedCount: 1,
      modifiedCount: 0,
      upsertedId: undefined,
    });
    await rejects(people.replaceOne({ _id }, { name: 5 as never }), { reason: 'DOCUMENT_INVALID' });
  },

  'values that the schema does not let through are refused': async ({ people }) => {
    await people.insertOne({ name: 'Ann', pets: [{ name: 'Rex' }], address: { city: 'Bern' } });
    const wrong = [
      { $set: { name: 5 } },
      { $set: { age: -1 } },
      { $set: { 'address.city': null } },
      { $set: { 'pets.0.name': 1 } },
      { $set: { pets: [{}] } },
      { $push: { tags: 1 } },
      { $push: { pets: { $each: [{ name: 'Tom' }, { age: 1 }] } } },
      { $max: { born: 'x' } },
      { $unset: { name: '' } },
    ] as unknown as Update<never>[];
    for (const update of wrong) {
      await rejects(people.updateOne({}, update), { code: 'invalid_argument', reason: 'DOCUMENT_INVALID' });
    }
    equal(
      (await people.updateOne({}, { $set: { 'address.zip': null, 'pets.0.age': 2 }, $unset: { age: 1 } }))
        .modifiedCount,
      1,
    );
  },
};
