import { idempotencyConformance } from '@org/api-rest/conformance';
import { postgresRequirement, skipUnless, waitFor } from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kinds, open, openTest, type Opened, type TestDatabase } from '../test-fixtures/databases.ts';
import { idempotencyKeys, orders } from '../test-fixtures/models.ts';

describe.each(kinds)('idempotency keys on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let database: Opened;
  beforeAll(async () => {
    opened = await openTest(kind, { idempotency: { keepMs: 60_000, maximumBytes: 1_000 } });
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach(async (context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
    await database.delete(idempotencyKeys);
    await database.delete(orders);
  });
  const place = (total: number) => async () => {
    await database.insert(orders).values({ total });
    return total;
  };
  const kept = async () => [await database.$count(orders), await database.$count(idempotencyKeys)];

  for (const { name, run } of idempotencyConformance(() => database.idempotency)) test(name, run);

  test('work, mark and answer are kept together, or not at all', async () => {
    const failing = async () => {
      await place(1)();
      throw new Error('it fails');
    };
    await expect(database.idempotency.run('k', 'f', failing)).rejects.toThrow('it fails');
    expect(await kept()).toEqual([0, 0]);
    await database.idempotency.run('k', 'f', place(2));
    expect(await kept()).toEqual([1, 1]);
  });

  test('an answer that is too large is refused, and what was done for it is undone', async () => {
    const work = async () => {
      await place(1)();
      return 'x'.repeat(1_000);
    };
    const refused = { code: 'internal', reason: 'IDEMPOTENCY_ANSWER_TOO_LARGE' };
    await expect(database.idempotency.run('k', 'f', work)).rejects.toMatchObject(refused);
    expect(await kept()).toEqual([0, 0]);
  });

  test('an answer is forgotten when its time is over, and goes', async () => {
    const answered = (ms: number) =>
      database.execute(sql`UPDATE idempotency_keys SET answered_at = now() - ${ms} * interval '1 millisecond'`);
    await database.idempotency.run('k', 'f', async () => 'first');
    await answered(59_000);
    expect(await database.idempotency.run('k', 'f', async () => 'second')).toMatchObject({ result: 'first' });
    await answered(60_001);
    expect(await database.idempotency.run('k', 'other', async () => 'second')).toEqual({
      result: 'second',
      replayed: false,
    });
    expect(await database.idempotency.run('k', 'other', async () => 'third')).toMatchObject({ result: 'second' });
  });

  test.runIf(kind === 'postgres')(
    'a key that another process works on is refused at once, and replayed after',
    async () => {
      await using other = await open(opened?.url ?? '');
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const first = other.idempotency.run('k', 'f', async () => {
        begun.resolve();
        await gate.promise;
        return 'first';
      });
      await begun.promise;
      const inUse = { code: 'aborted', reason: 'IDEMPOTENCY_KEY_IN_USE' };
      await expect(database.idempotency.run('k', 'f', place(1))).rejects.toMatchObject(inUse);
      gate.resolve();
      await first;
      expect(await database.idempotency.run('k', 'f', place(1))).toEqual({ result: 'first', replayed: true });
      const reused = { reason: 'IDEMPOTENCY_KEY_REUSED' };
      await expect(database.idempotency.run('k', 'other', place(1))).rejects.toMatchObject(reused);
      expect(await kept()).toEqual([0, 1]);
    },
  );

  test.runIf(kind === 'postgres')('of many at once in several processes one does the work', async () => {
    await using other = await open(opened?.url ?? '');
    const tries = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? database : other).idempotency.run('k', 'f', place(1)).then(
        ({ replayed }) => (replayed ? 'replayed' : 'done'),
        (error: { reason?: string }) => error.reason,
      ),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(
      outcomes.filter((outcome) => !['done', 'replayed', 'IDEMPOTENCY_KEY_IN_USE'].includes(outcome ?? '')),
    ).toEqual([]);
    expect(await kept()).toEqual([1, 1]);
  });
});

describe.each(kinds)('the answers kept on %s', (kind) => {
  test('go when their time is over', async (context) => {
    await using opened = await openTest(kind);
    skipUnless(context, opened !== undefined, postgresRequirement);
    const { database } = opened;
    await database.execute(
      sql`INSERT INTO idempotency_keys SELECT n, 'f', '1', now() - interval '25 hours' FROM generate_series(1, 1500) AS n`,
    );
    await database.idempotency.run('k', 'f', async () => 1);
    await waitFor(async () => (await database.$count(idempotencyKeys)) === 1, { what: 'the old ones to go' });
  });
});
