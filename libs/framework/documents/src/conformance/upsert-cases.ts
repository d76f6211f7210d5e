import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import type { Cases } from './conformance.ts';

/** What whoever changes or inserts can rely on. */
export const upsertCases: Cases = {
  'an upsert inserts what the filter says, with the update and the defaults, where nothing is found': async ({
    people,
  }) => {
    const update = { $inc: { age: 2 }, $setOnInsert: { 'address.city': 'Bern' }, $push: { tags: 'x' } } as const;
    const first = await people.updateOne({ name: 'Ann', age: { $gt: 100 } }, update, { upsert: true });
    match(first.upsertedId ?? '', /^[0-9a-f-]{36}$/);
    deepEqual([first.matchedCount, first.modifiedCount], [0, 0]);
    const expected = {
      _id: first.upsertedId,
      name: 'Ann',
      age: 2,
      address: { city: 'Bern' },
      tags: ['x'],
      active: true,
    };
    deepEqual(await people.findOne({ name: 'Ann' }), expected);
    const second = await people.updateOne(
      { name: 'Ann' },
      { $inc: { age: 2 }, $setOnInsert: { active: false } },
      { upsert: true },
    );
    deepEqual(second, { matchedCount: 1, modifiedCount: 1, upsertedId: undefined });
    deepEqual(await people.findOne({ name: 'Ann' }), { ...expected, age: 4 });
  },

  'an upsert takes the id of its filter': async ({ people, anything }) => {
    equal((await people.updateMany({ _id: 'ann' }, { $set: { name: 'Ann' } }, { upsert: true })).upsertedId, 'ann');
    equal((await people.replaceOne({ _id: 'bob' }, { name: 'Bob' }, { upsert: true })).upsertedId, 'bob');
    equal((await people.replaceOne({ name: 'Cid' }, { name: 'Cid' }, { upsert: true })).upsertedId?.length, 36);
    deepEqual(
      (await people.find({}, { sort: { name: 1 } }).toArray()).map(({ name }) => name),
      ['Ann', 'Bob', 'Cid'],
    );
    await anything.updateOne(
      { $and: [{ a: 1 }, { 'b.c': { $eq: 2 } }], d: { $in: [1] } },
      { $set: { e: 3 } },
      { upsert: true },
    );
    deepEqual(await anything.findOne({}, { projection: { _id: 0 } }), { a: 1, b: { c: 2 }, e: 3 });
  },

  'what would be inserted has to be a document of its schema': async ({ people }) => {
    await rejects(people.updateOne({ age: 5 }, { $set: { active: true } }, { upsert: true }), {
      reason: 'DOCUMENT_INVALID',
    });
    await rejects(people.updateOne({ name: 'Ann', $and: [{ name: 'Bob' }] }, { $set: { age: 1 } }, { upsert: true }), {
      reason: 'UPDATE_IMPOSSIBLE',
    });
    equal(await people.countDocuments(), 0);
  },

  'a document is changed and given back, as it was or as it is then': async ({ people }) => {
    await people.insertMany([
      { name: 'Ann', age: 1 },
      { name: 'Bob', age: 2 },
    ]);
    const before = await people.findOneAndUpdate({ age: { $gt: 0 } }, { $inc: { age: 10 } }, { sort: { age: -1 } });
    deepEqual([before?.name, before?.age], ['Bob', 2]);
    const after = await people.findOneAndUpdate(
      { name: 'Bob' },
      { $inc: { age: 1 } },
      { returnDocument: 'after', projection: { age: 1, _id: 0 } },
    );
    deepEqual(after, { age: 13 });
    equal(await people.findOneAndUpdate({ name: 'Zoe' }, { $inc: { age: 1 } }), undefined);
  },

  'a document that is inserted is given back where what is then is asked for': async ({ people }) => {
    const upsert = true;
    equal(await people.findOneAndUpdate({ name: 'Ann' }, { $set: { age: 1 } }, { upsert }), undefined);
    const bob = await people.findOneAndUpdate(
      { name: 'Bob' },
      { $set: { age: 1 } },
      { upsert, returnDocument: 'after' },
    );
    deepEqual(bob, await people.findOne({ name: 'Bob' }));
    deepEqual([bob?.age, bob?.active, bob?.tags], [1, true, []]);
  },
};
