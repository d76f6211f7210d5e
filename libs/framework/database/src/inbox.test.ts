import { inboxConformance } from '@org/messaging/conformance';
import { postgresRequirement, skipUnless, waitFor } from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kinds, open, openTest, type Opened, type TestDatabase } from '../test-fixtures/databases.ts';
import { inbox, orders } from '../test-fixtures/models.ts';

describe.each(kinds)('the inbox on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let database: Opened;
  beforeAll(async () => {
    opened = await openTest(kind, { environment: { DATABASE_LOCK_TIMEOUT: '300ms' } });
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach(async (context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
    await database.delete(inbox);
    await database.delete(orders);
  });

  for (const { name, run } of inboxConformance(() => database.inbox)) test(name, run);

  test('work and mark are kept together, or not at all', async () => {
    const place = (total: number) => async () => void (await database.insert(orders).values({ total }));
    const placeAndFail = async () => {
      await place(1)();
      throw new Error('it fails');
    };
    await expect(database.inbox.run('a', '1', placeAndFail)).rejects.toThrow('it fails');
    expect([await database.$count(orders), await database.$count(inbox)]).toEqual([0, 0]);
    const around = database.transaction(async () => {
      await database.inbox.run('a', '1', place(2));
      throw new Error('it fails later');
    });
    await expect(around).rejects.toThrow('it fails later');
    expect([await database.$count(orders), await database.$count(inbox)]).toEqual([0, 0]);
    await database.inbox.run('a', '1', place(3));
    expect([await database.$count(orders), await database.$count(inbox)]).toEqual([1, 1]);
  });

  test.runIf(kind === 'postgres')(
    'whoever waits too long for the same work elsewhere is told to come again',
    async () => {
      await using other = await open(opened?.url ?? '');
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const first = other.inbox.run('a', '1', async () => {
        begun.resolve();
        await gate.promise;
      });
      await begun.promise;
      await expect(database.inbox.run('a', '1', async () => {})).rejects.toMatchObject({
        code: 'aborted',
        reason: 'LOCK_TIMEOUT',
      });
      gate.resolve();
      expect(await first).toBe('done');
      expect(await database.inbox.run('a', '1', async () => {})).toBe('duplicate');
    },
  );
});

describe.each(kinds)('what an inbox on %s remembers', (kind) => {
  test('goes when its time is over, however much it is', async (context) => {
    await using opened = await openTest(kind, { inbox: { keepMs: 3_600_000 } });
    skipUnless(context, opened !== undefined, postgresRequirement);
    const { database } = opened;
    const old = sql`INSERT INTO inbox SELECT 'a', n, now() - interval '2 hours' FROM generate_series(1, 2500) AS n`;
    await database.execute(old);
    await database.execute(
      sql`INSERT INTO inbox VALUES ('a', 'young', now() - interval '1 hour' + interval '1 minute')`,
    );
    expect(await database.inbox.run('a', 'new', async () => {})).toBe('done');
    await waitFor(async () => (await database.$count(inbox)) === 2, { what: 'the old ones to go' });
    expect(await database.inbox.run('a', 'young', async () => {})).toBe('duplicate');
  });
});
