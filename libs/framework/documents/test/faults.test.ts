import { postgresRequirement, skipUnless, waitFor } from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { openTest, type TestDatabase } from '../test-fixtures/databases.ts';
import { defineCollection, type Collection } from '../src/index.ts';

const things = defineCollection({ name: 'things', schema: z.object({ n: z.number() }) });
type Thing = { readonly _id: string; readonly n: number };

let opened: TestDatabase | undefined;
let base: TestDatabase;
let collection: Collection<Thing, Omit<Thing, '_id'> & { readonly _id?: string }>;
beforeAll(async () => {
  opened = await openTest('postgres', { DATABASE_LOCK_TIMEOUT: '2s' });
  const documents = await opened?.open(things);
  if (documents) collection = documents.collection(things);
});
afterAll(() => opened?.[Symbol.asyncDispose]());
beforeEach(async (context) => {
  skipUnless(context, opened !== undefined, postgresRequirement);
  base = opened;
  await collection.deleteMany({});
  await collection.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: `d${String(n).padStart(3, '0')}`, n })));
});

/** Holds the last document while a work runs. */
async function holding(work: () => Promise<void>): Promise<void> {
  const [held, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holder = base.database.transaction(async () => {
    await base.database.execute(sql`SELECT id FROM things WHERE id = 'd499' FOR UPDATE`);
    held.resolve();
    await done.promise;
  });
  await held.promise;
  try {
    await work();
  } finally {
    done.resolve();
    await holder;
  }
}

test('of an update of many whose connection is lost in the middle nothing is kept, and the next one works', async () => {
  await holding(async () => {
    const updating = collection.updateMany({}, { $inc: { n: 1_000 } });
    const outcome = updating.catch((error: unknown) => error);
    await waitFor(
      async () => {
        const waiting = sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return (await base.database.execute(waiting)).rows.length > 0;
      },
      { what: 'the update to wait, and to be ended', intervalMs: 20 },
    );
    expect(await outcome).toMatchObject({ code: 'unavailable', details: { applied: 'no' } });
  });
  expect(await collection.countDocuments({ n: { $gte: 1_000 } })).toBe(0);
  expect(await collection.updateMany({}, { $inc: { n: 1_000 } })).toMatchObject({ modifiedCount: 500 });
});

test('whoever waits too long for a document that is held is told so, and nothing of it is kept', async () => {
  await holding(async () => {
    await expect(collection.updateMany({}, { $inc: { n: 1_000 } })).rejects.toMatchObject({ reason: 'LOCK_TIMEOUT' });
    const taken = await Promise.all(
      Array.from({ length: 3 }, () => collection.findOneAndUpdate({ n: { $lt: 10 } }, { $inc: { n: 5_000 } })),
    );
    expect(new Set(taken.map((each) => each?._id)).size).toBe(3);
  });
  expect(await collection.countDocuments({ n: { $gte: 1_000 } })).toBe(3);
});
