import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { Cases } from './conformance.ts';
import { idsOf } from './world.ts';

interface BulkError {
  readonly code: string;
  readonly reason: string;
  readonly details: Record<string, unknown>;
}

/** What whoever does several things at once can rely on. */
export const bulkCases: Cases = {
  'several things are done in their order': async ({ people }) => {
    const result = await people.bulkWrite([
      { insertOne: { document: { _id: 'a', name: 'Ann', age: 1 } } },
      { insertOne: { document: { _id: 'b', name: 'Bob', age: 2 } } },
      { updateOne: { filter: { name: 'Ann' }, update: { $inc: { age: 1 } } } },
      { updateMany: { filter: { age: 2 }, update: { $push: { tags: 'two' } } } },
      { replaceOne: { filter: { _id: 'b' }, replacement: { name: 'Bert' } } },
      { updateOne: { filter: { _id: 'c' }, update: { $set: { name: 'Cid' } }, upsert: true } },
      { insertOne: { document: { _id: 'd', name: 'Dan' } } },
      { deleteOne: { filter: { name: 'Dan' } } },
      { deleteMany: { filter: { name: 'Zoe' } } },
    ]);
    deepEqual(result, {
      insertedCount: 3,
      matchedCount: 4,
      modifiedCount: 4,
      deletedCount: 1,
      upsertedIds: { 5: 'c' },
    });
    const [ann, bob, cid] = await people.find({}, { sort: { name: 1 } }).toArray();
    deepEqual([ann?.age, ann?.tags, bob?.name, bob?.tags, cid?.name], [2, ['two'], 'Bert', [], 'Cid']);
    const nothing = { insertedCount: 0, matchedCount: 0, modifiedCount: 0, deletedCount: 0, upsertedIds: {} };
    deepEqual(await people.bulkWrite([]), nothing);
  },

  'in order, what comes before a failure stays and what comes after it is not done': async ({ people, emailIndex }) => {
    await people.insertOne({ _id: 'x', name: 'Xen', email: 'x@example.org' });
    const documents = ['a', 'x', 'b'].map((_id) => ({ _id, name: _id }));
    await rejects(people.insertMany(documents), (error: BulkError) => {
      equal(error.code, 'already_exists');
      equal(error.reason, 'BULK_WRITE_FAILED');
      equal(error.details.insertedCount, 1);
      deepEqual(error.details.failures, [{ at: 1, code: 'already_exists', reason: 'DUPLICATE_KEY', index: '_id_' }]);
      return true;
    });
    deepEqual(idsOf(await people.find({}).toArray()), ['a', 'x']);
    const operations = [
      { updateOne: { filter: { _id: 'a' }, update: { $set: { age: 1 } } } },
      { updateOne: { filter: { _id: 'a' }, update: { $set: { email: 'x@example.org' } } } },
      { deleteMany: { filter: {} } },
    ];
    await rejects(people.bulkWrite(operations), (error: BulkError) => {
      deepEqual(error.details.failures, [
        { at: 1, code: 'already_exists', reason: 'DUPLICATE_KEY', index: emailIndex },
      ]);
      return true;
    });
    equal((await people.findOne({ _id: 'a' }))?.age, 1);
  },

  'in no order, all is done that can be': async ({ people, anything }) => {
    await people.insertOne({ _id: 'x', name: 'Xen' });
    const documents = ['a', 'x', 'b', 'a', 'c'].map((_id) => ({ _id, name: _id }));
    await rejects(people.insertMany(documents, { ordered: false }), (error: BulkError) => {
      equal(error.details.insertedCount, 3);
      deepEqual(
        (error.details.failures as { at: number }[]).map(({ at }) => at),
        [1, 3],
      );
      return true;
    });
    equal(await people.countDocuments(), 4);
    await anything.insertOne({ _id: 'x', text: 'a' });
    const operations = [
      { updateOne: { filter: { _id: 'x' }, update: { $inc: { text: 1 } } } },
      { updateOne: { filter: { _id: 'x' }, update: { $set: { n: 1 } } } },
    ];
    await rejects(anything.bulkWrite(operations, { ordered: false }), (error: BulkError) => {
      equal(error.code, 'failed_precondition');
      equal(error.details.modifiedCount, 1);
      deepEqual(error.details.failures, [{ at: 0, code: 'failed_precondition', reason: 'UPDATE_IMPOSSIBLE' }]);
      return true;
    });
  },

  'nothing is done where one of several is not valid': async ({ people }) => {
    await rejects(people.insertMany([{ name: 'Ann' }, { name: 5 as never }]), { reason: 'DOCUMENT_INVALID' });
    equal(await people.countDocuments(), 0);
  },

  'thousands of documents are inserted at once': async ({ anything }) => {
    const documents = Array.from({ length: 3_000 }, (_, n) => ({ n, text: 'x'.repeat(50) }));
    equal((await anything.insertMany(documents)).length, 3_000);
    equal(await anything.countDocuments({ n: { $gte: 1_500 } }), 1_500);
    await rejects(anything.insertMany(Array.from({ length: 10_001 }, () => ({}))), RangeError);
  },
};
