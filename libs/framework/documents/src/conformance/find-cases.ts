import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Cases } from './conformance.ts';
import { idsOf, type World } from './world.ts';

const many = async ({ anything }: World, count: number) => {
  const documents = Array.from({ length: count }, (_, n) => ({
    _id: `d${String(n).padStart(5, '0')}`,
    n,
    odd: n % 2 === 1,
  }));
  await anything.insertMany(documents);
  return documents;
};

/** What whoever reads can rely on. */
export const findCases: Cases = {
  'a cursor goes through all documents once, in batches': async (world) => {
    const documents = await many(world, 250);
    const found: string[] = [];
    for await (const document of world.anything.find({}, { batchSize: 20 })) found.push(document._id);
    deepEqual(found.sort(), idsOf(documents));
    const sorted = await world.anything.find({ odd: true }, { sort: { n: -1 }, batchSize: 20, skip: 1 }).toArray();
    deepEqual(
      sorted.map(({ n }) => n),
      documents
        .filter(({ odd }) => odd)
        .map(({ n }) => n)
        .reverse()
        .slice(1),
    );
  },

  'a cursor that is left is closed, and one that is not read has asked for nothing': async (world) => {
    await many(world, 50);
    world.anything.find({});
    for await (const document of world.anything.find({}, { sort: { n: 1 }, batchSize: 10 })) {
      equal(document.n, 0);
      break;
    }
  },

  'a list has a bound': async (world) => {
    await many(world, 30);
    await rejects(world.anything.find({}).toArray({ maximum: 29 }), {
      code: 'resource_exhausted',
      reason: 'RESULT_TOO_LARGE',
    });
    equal((await world.anything.find({}).toArray({ maximum: 30 })).length, 30);
  },

  'documents are skipped and counted': async (world) => {
    await many(world, 30);
    const page = await world.anything.find({ odd: true }, { sort: { n: 1 }, skip: 5, limit: 3 }).toArray();
    deepEqual(
      page.map(({ n }) => n),
      [11, 13, 15],
    );
    equal(await world.anything.countDocuments(), 30);
    equal(await world.anything.countDocuments({ odd: true }), 15);
    equal(await world.anything.countDocuments({ odd: true }, { skip: 4, limit: 5 }), 5);
    equal((await world.anything.findOne({ odd: true }, { sort: { n: -1 }, skip: 1 }))?.n, 27);
  },

  'documents are sorted by the types of their values first': async ({ anything }) => {
    const date = new Date(0);
    const values = [null, -1, 2, 10, 'B', 'a', 'b', 'é', '\uFF5E', '\u{1F600}', { x: 1 }, false, true, date];
    await anything.insertMany(values.map((value, index) => ({ _id: String(index).padStart(2, '0'), value })).reverse());
    const upwards = await anything.find({}, { sort: { value: 1 } }).toArray();
    deepEqual(
      upwards.map(({ value }) => value),
      values,
    );
    const downwards = await anything.find({}, { sort: { value: -1 }, batchSize: 4 }).toArray();
    deepEqual(
      downwards.map(({ value }) => value),
      [...values].reverse(),
    );
  },

  'what is missing is sorted as null, and an array by its least or greatest': async ({ anything }) => {
    await anything.insertMany([
      { _id: 'a', v: 5 },
      { _id: 'b', v: [1, 9] },
      { _id: 'c' },
      { _id: 'd', v: [{ x: 1 }] },
      { _id: 'e', v: null },
    ]);
    const upwards = await anything.find({}, { sort: { v: 1, _id: -1 } }).toArray();
    deepEqual(
      upwards.map(({ _id }) => _id),
      ['e', 'c', 'b', 'a', 'd'],
    );
    const downwards = await anything.find({}, { sort: { v: -1, _id: 1 } }).toArray();
    deepEqual(
      downwards.map(({ _id }) => _id),
      ['d', 'b', 'a', 'c', 'e'],
    );
  },

  'typed fields are sorted as others are': async ({ people }) => {
    await people.insertMany([
      { name: 'B', age: 9, born: new Date(2) },
      { name: 'a', age: 10, born: new Date(10) },
      { name: 'Á' },
      { name: 'C', age: 9, born: new Date(-5) },
    ]);
    const names = async (sort: object) => (await people.find({}, { sort }).toArray()).map(({ name }) => name).join('');
    equal(await names({ name: 1 }), 'BCaÁ');
    equal(await names({ age: 1, name: -1 }), 'ÁCBa');
    equal(await names({ age: -1, name: 1 }), 'aBCÁ');
    equal(await names({ born: 1 }), 'ÁCBa');
  },

  'a projection gives back what it names, or all but that': async ({ people }) => {
    const { _id } = await people.insertOne({
      name: 'Ann',
      tags: ['x'],
      address: { city: 'Bern', zip: '3000' },
      pets: [{ name: 'Rex', age: 1 }, { name: 'Tom' }],
    });
    const only = async (projection: object) => (await people.find({ name: 'Ann' }, { projection }).toArray())[0];
    deepEqual(await only({ name: 1 }), { _id, name: 'Ann' });
    deepEqual(await only({ name: 1, _id: 0 }), { name: 'Ann' });
    deepEqual(await only({ 'address.city': 1, 'pets.name': 1 }), {
      _id,
      address: { city: 'Bern' },
      pets: [{ name: 'Rex' }, { name: 'Tom' }],
    });
    deepEqual(await only({ tags: 0, 'address.zip': 0, active: 0, 'pets.age': 0 }), {
      _id,
      name: 'Ann',
      address: { city: 'Bern' },
      pets: [{ name: 'Rex' }, { name: 'Tom' }],
    });
    deepEqual(await only({ _id: 1 }), { _id });
    deepEqual(await only({ born: 1, _id: 0 }), {});
  },

  'the different values at a path are listed, those in arrays by themselves': async ({ people, anything }) => {
    await people.insertMany([
      { name: 'Ann', tags: ['x', 'y'], address: { city: 'Bern' }, born: new Date(1) },
      { name: 'Bob', tags: ['y', 'z'], address: { city: 'Bern' }, born: new Date(1) },
      { name: 'Cid', tags: [] },
    ]);
    deepEqual((await people.distinct('tags')).sort(), ['x', 'y', 'z']);
    deepEqual(await people.distinct('address.city'), ['Bern']);
    deepEqual(await people.distinct('born'), [new Date(1)]);
    deepEqual((await people.distinct('tags', { name: { $ne: 'Bob' } })).sort(), ['x', 'y']);
    await anything.insertMany(
      Array.from({ length: 10_001 / 3 + 1 }, (_, n) => ({ list: [n * 3, n * 3 + 1, n * 3 + 2] })),
    );
    await rejects(anything.distinct('list'), { reason: 'RESULT_TOO_LARGE' });
  },

  'documents that are deleted are gone': async ({ people }) => {
    await people.insertMany([
      { name: 'Ann' },
      { name: 'Bob', age: 1 },
      { name: 'Cid', age: 2 },
      { name: 'Dan', age: 3 },
    ]);
    equal(await people.deleteOne({ age: { $gt: 5 } }), 0);
    equal(await people.deleteOne({ age: { $gt: 0 } }), 1);
    const taken = await people.findOneAndDelete({ age: { $exists: true } }, { sort: { age: -1 } });
    ok(taken && taken.name === 'Dan');
    equal(await people.deleteMany({ name: { $in: ['Ann', 'Zoe'] } }), 1);
    equal(await people.countDocuments(), 1);
    equal(await people.deleteMany({}), 1);
    equal(await people.findOneAndDelete({}), undefined);
  },
};
