import { deepEqual, equal } from 'node:assert/strict';
import type { Cases } from './conformance.ts';

const times = <Value>(count: number, work: (index: number) => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** What holds when many do the same at a time. */
export const concurrencyCases: Cases = {
  'no update of one document is lost': async ({ anything }) => {
    await anything.insertOne({ _id: 'x', n: 0, list: [] });
    await times(40, (index) => anything.updateOne({ _id: 'x' }, { $inc: { n: 1 }, $push: { list: index } }));
    const { n, list } = (await anything.findOne({ _id: 'x' })) as unknown as { n: number; list: number[] };
    equal(n, 40);
    deepEqual(
      list.sort((one, other) => one - other),
      Array.from({ length: 40 }, (_, index) => index),
    );
  },

  'of several who take a document each gets another one': async ({ anything }) => {
    await anything.insertMany(Array.from({ length: 15 }, (_, n) => ({ n, state: 'new' })));
    const taken = await times(20, () =>
      anything.findOneAndUpdate(
        { state: 'new' },
        { $set: { state: 'taken' } },
        { sort: { n: 1 }, returnDocument: 'after' },
      ),
    );
    const numbers = taken.flatMap((document) => (document ? [document.n as number] : []));
    equal(new Set(numbers).size, 15);
    equal(numbers.length, 15);
    const deleted = await times(20, () => anything.findOneAndDelete({ state: 'taken' }));
    equal(new Set(deleted.flatMap((document) => document?._id ?? [])).size, 15);
  },

  'of several upserts of one key one inserts, and the others update': async ({ people, anything }) => {
    const results = await times(20, (index) =>
      people.updateOne(
        { email: 'a@example.org' },
        { $inc: { age: 1 }, $setOnInsert: { name: String(index) } },
        { upsert: true },
      ),
    );
    equal(results.filter(({ upsertedId }) => upsertedId !== undefined).length, 1);
    equal((await people.findOne({ email: 'a@example.org' }))?.age, 20);
    await times(20, () => anything.findOneAndUpdate({ _id: 'x' }, { $inc: { n: 1 } }, { upsert: true }));
    equal((await anything.findOne({ _id: 'x' }))?.n, 20);
  },

  'of several who insert one key one does': async ({ people }) => {
    const outcomes = await times(10, (index) =>
      people.insertOne({ name: String(index), email: 'a@example.org' }).then(
        () => 'inserted',
        (error: { reason: string }) => error.reason,
      ),
    );
    deepEqual(
      outcomes.filter((outcome) => outcome !== 'DUPLICATE_KEY'),
      ['inserted'],
    );
    equal(await people.countDocuments(), 1);
  },
};
