import { equal, rejects, throws } from 'node:assert/strict';
import type { Cases } from './conformance.ts';

const unreadFilters: object[] = [
  { $where: 'true' },
  { $expr: { $gt: ['$a', '$b'] } },
  { $text: { $search: 'x' } },
  { a: { $type: 'string' } },
  { a: { $mod: [2, 0] } },
  { a: { $near: [0, 0] } },
  { a: { $bitsAllSet: 1 } },
  { a: { b: 1, $gt: 1 } },
  { a: undefined },
  { a: { $gt: undefined } },
  { a: { $gt: { b: 1 } } },
  { a: { $in: 1 } },
  { a: { $in: [undefined] } },
  { a: { $exists: 1 } },
  { a: { $size: -1 } },
  { a: { $not: 1 } },
  { a: { $options: 'i' } },
  { a: { $elemMatch: 1 } },
  { a: Number.NaN },
  { $and: [] },
  { $or: {} },
  { 'a..b': 1 },
  { 'a.$.b': 1 },
  { '': 1 },
  { a: /(?=x)/ },
  { a: /(a)\1/ },
  { a: /a*?/ },
  { a: /\bx/ },
  { a: /x/m },
  { a: { $regex: '(' } },
  { a: { $regex: 'x', $options: 'x' } },
];

const unreadUpdates: object[] = [
  {},
  { a: 1 },
  { $set: { a: undefined } },
  { $set: { a: 1 }, $inc: { a: 1 } },
  { $set: { a: 1, 'a.b': 1 } },
  { $set: { _id: 'x' } },
  { $rename: { a: '_id' } },
  { $inc: { a: '1' } },
  { $inc: { a: Infinity } },
  { $pop: { a: 1 } },
  { $pullAll: { a: [1] } },
  { $bit: { a: { and: 1 } } },
  { $push: { a: { $each: [1], $sort: 1 } } },
  { $push: { a: { $each: 1 } } },
  { $addToSet: { a: { $each: [1], $slice: 1 } } },
  { $currentDate: { a: { $type: 'timestamp' } } },
  { $set: { 'a.$': 1 } },
  { $set: { 'a.$[]': 1 } },
  [{ $set: { a: 1 } }],
];

/** What nobody reads alike is read by nobody. */
export const refusalCases: Cases = {
  'filters that are not supported are misuse': async ({ anything }) => {
    await anything.insertOne({ _id: 'x' });
    for (const filter of unreadFilters) {
      throws(() => anything.find(filter), TypeError, JSON.stringify(filter));
      await rejects(anything.deleteMany(filter), TypeError);
    }
    equal(await anything.countDocuments(), 1);
  },

  'updates that are not supported are misuse': async ({ anything }) => {
    await anything.insertOne({ _id: 'x' });
    for (const update of unreadUpdates)
      await rejects(anything.updateMany({}, update), TypeError, JSON.stringify(update));
  },

  'projections, orders, bounds and operations that are none are misuse': async ({ anything, people }) => {
    throws(() => anything.find({}, { projection: { a: 1, b: 0 } }), TypeError);
    throws(() => anything.find({}, { projection: { a: { $slice: 1 } } as never }), TypeError);
    throws(() => anything.find({}, { projection: { a: 1, 'a.b': 1 } }), TypeError);
    throws(() => anything.find({}, { sort: { a: 'asc' as never } }), TypeError);
    throws(() => anything.find({}, { limit: 0 }), RangeError);
    throws(() => anything.find({}, { skip: -1 }), RangeError);
    throws(() => anything.find({}, { batchSize: 1.5 }), RangeError);
    await rejects(anything.find({}).toArray({ maximum: 0 }), RangeError);
    await rejects(anything.bulkWrite([{ dropAll: {} } as never]), TypeError);
    await rejects(anything.createIndex({}), TypeError);
    await rejects(anything.createIndex({ a: 'text' as never }), TypeError);
    await rejects(anything.createIndex({ a: 1 }, { unique: true }), TypeError);
    await rejects(people.createIndex({ tags: 1 }, { unique: true }), TypeError);
    throws(() => people.find({ 'pets.name.0': 'x' } as never), TypeError);
    await rejects(people.updateOne({}, { $inc: { name: 1 } as never }), TypeError);
    await rejects(people.updateOne({}, { $push: { name: 'x' } as never }), TypeError);
  },
};
