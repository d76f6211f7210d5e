import { postgresRequirement, skipUnless, waitFor } from '@org/testing';
import { createCall, runInCall, runOutsideCalls } from '@org/context';
import type { ServiceError } from '@org/errors';
import { toServiceError } from '@org/errors';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kinds, openTest, type Opened, type TestDatabase } from '../test-fixtures/databases.ts';
import { customers, orders } from '../test-fixtures/models.ts';

const failed = async (work: PromiseLike<unknown>): Promise<ServiceError> =>
  Promise.resolve(work).then(
    () => expect.fail('Expected it to fail'),
    (error: unknown) => toServiceError(error),
  );

describe.each(kinds)('a database on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let database: Opened;
  beforeAll(async () => {
    opened = await openTest(kind, { environment: { DATABASE_POOL_TIMEOUT: '300ms', DATABASE_POOL_SIZE: '3' } });
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach(async (context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
    await database.delete(orders);
    await database.delete(customers);
  });
  const totals = async () => (await database.select().from(orders).orderBy(orders.id)).map(({ total }) => total);

  test('stores rows of a model and gives them back as they were', async () => {
    const [customer] = await database.insert(customers).values({ email: 'a@example.org' }).returning();
    const given = {
      customerId: customer?.id as string,
      total: 1250,
      weight: '1.50',
      big: 2n ** 60n,
      paid: true,
      due: '2026-11-30',
      lines: [{ sku: 'engine' }],
      tags: ['a', 'b "c"', '{d}\\'],
    };
    const [row] = await database.insert(orders).values(given).returning();
    expect(row).toMatchObject({ ...given, version: 1, id: expect.any(Number), createdAt: expect.any(Date) });
    expect(await database.query.orders.findFirst({ with: { customer: true } })).toEqual({ ...row, customer });
    expect(await database.$count(orders)).toBe(1);
    const raw = await database.execute(sql`SELECT id, total, big, due::text AS due, tags, lines FROM orders`);
    expect(raw.rows).toEqual([
      { id: row?.id, total: 1250, big: String(given.big), due: given.due, tags: given.tags, lines: given.lines },
    ]);
    expect((await database.update(orders).set({ total: 1 })).rowCount).toBe(1);
  });

  test('takes and gives values of all kinds without a model', async () => {
    const values = sql`SELECT ${Buffer.from([0, 255])}::bytea AS bytes, ${new Date(1_000)}::timestamptz AS moment,
      ${sql.param([
        ['a', null],
        ['b "c" \\', '{,}'],
      ])}::text[] AS list, ${{ a: [1] }}::jsonb AS document, ${null}::int AS nothing,
      ${true}::boolean AS yes, ${10n}::bigint AS big, ${1.5}::numeric AS exact, ${1.5}::float8 AS rough, ''::text AS empty`;
    const { rows, rowCount } = await database.execute(values);
    expect(rowCount).toBe(1);
    expect({ ...rows[0], moment: new Date(rows[0]?.moment as string) }).toEqual({
      bytes: Buffer.from([0, 255]),
      moment: new Date(1_000),
      list: [
        ['a', null],
        ['b "c" \\', '{,}'],
      ],
      document: { a: [1] },
      nothing: null,
      yes: true,
      big: '10',
      exact: '1.5',
      rough: 1.5,
      empty: '',
    });
  });

  test('takes statements that were prepared', async () => {
    const byTotal = database
      .select()
      .from(orders)
      .where(eq(orders.total, sql.placeholder('total')))
      .prepare('by_total');
    await database.insert(orders).values([{ total: 1 }, { total: 2 }]);
    expect(await byTotal.execute({ total: 2 })).toHaveLength(1);
    expect(await byTotal.execute({ total: 3 })).toHaveLength(0);
  });

  test('gives rows of joins, of columns that are chosen, and counts', async () => {
    const [customer] = await database.insert(customers).values({ email: 'a@example.org' }).returning();
    const due = '2026-11-30';
    await database.insert(orders).values([{ total: 1, due, customerId: customer?.id }, { total: 2 }]);
    const chosen = { id: orders.total, due: orders.due, twice: sql<number>`${orders.total} * 2`.as('twice') };
    expect(await database.select(chosen).from(orders).orderBy(orders.total)).toEqual([
      { id: 1, due, twice: 2 },
      { id: 2, due: null, twice: 4 },
    ]);
    const joined = { total: orders.total, customer: { email: customers.email } };
    const left = database.select(joined).from(orders).leftJoin(customers, eq(customers.id, orders.customerId));
    expect(await left.orderBy(orders.total)).toEqual([
      { total: 1, customer: { email: 'a@example.org' } },
      { total: 2, customer: null },
    ]);
    expect(await database.$count(orders, eq(orders.total, 2))).toBe(1);
  });

  test('keeps what a transaction does, or undoes it', async () => {
    const place = (total: number) => database.insert(orders).values({ total });
    expect(
      await database.transaction(async () => {
        await place(1);
        return totals();
      }),
    ).toEqual([1]);
    const gone = new Error('the handler fails');
    await expect(
      database.transaction(async () => {
        await place(2);
        throw gone;
      }),
    ).rejects.toBe(gone);
    expect(await totals()).toEqual([1]);
  });

  test('undoes a transaction inside of another alone', async () => {
    await database.transaction(async () => {
      await database.insert(orders).values({ total: 1 });
      const inner = database.transaction(async () => {
        await database.insert(orders).values({ total: 2 });
        await database.insert(orders).values({ total: -1 });
      });
      expect(await failed(inner)).toMatchObject({ reason: 'CHECK_VIOLATION' });
      await database.transaction(async () => void (await database.insert(orders).values({ total: 3 })));
    });
    expect(await totals()).toEqual([1, 3]);
  });

  test('has transactions inside of one wait for each other, and statements beside them', async () => {
    await database.transaction(async () => {
      const undone = database.transaction(async () => {
        await database.insert(orders).values({ total: 1 });
        throw new Error('undone');
      });
      const beside = database.insert(orders).values({ total: 2 }).execute();
      const kept = database.transaction(async () => void (await database.insert(orders).values({ total: 3 })));
      expect((await Promise.allSettled([undone, beside, kept])).map(({ status }) => status)).toEqual([
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
    });
    expect((await totals()).sort()).toEqual([2, 3]);
  });

  test('refuses to commit when the work hides that a statement failed', async () => {
    const work = database.transaction(async () => {
      await database.insert(orders).values({ total: 1 });
      await failed(database.insert(orders).values({ total: -1 }));
    });
    expect(await failed(work)).toMatchObject({
      code: 'failed_precondition',
      reason: 'TRANSACTION_FAILED',
      cause: { reason: 'CHECK_VIOLATION' },
    });
    expect(await totals()).toEqual([]);
  });

  test('waits for what a transaction has begun, and refuses what comes after its end', async () => {
    const later = Promise.withResolvers<void>();
    let after: Promise<ServiceError> | undefined;
    await database.transaction(async () => {
      void database.insert(orders).values({ total: 1 }).execute();
      after = later.promise.then(() => failed(database.insert(orders).values({ total: 2 })));
    });
    later.resolve();
    expect(await after).toMatchObject({ code: 'internal', reason: 'TRANSACTION_OVER' });
    expect(await totals()).toEqual([1]);
  });

  test('says so when a transaction waits for a connection that it holds itself', async () => {
    // One call after the other holds a connection and asks for one more outside of its transaction.
    const nest = (depth: number): Promise<unknown> =>
      database.transaction(() => (depth === 0 ? totals() : runOutsideCalls(() => nest(depth - 1))));
    const error = await failed(nest(3));
    expect(error).toMatchObject({ code: 'resource_exhausted', reason: 'POOL_EXHAUSTED', details: { applied: 'no' } });
    expect(error.message).toContain('DATABASE_POOL_SIZE');
    expect(await totals()).toEqual([]);
  });

  test.each([
    [
      'there is one already',
      'already_exists',
      'UNIQUE_VIOLATION',
      () => database.insert(customers).values([{ email: 'secret' }, { email: 'secret' }]),
    ],
    [
      'what it refers to is missing',
      'failed_precondition',
      'FOREIGN_KEY_VIOLATION',
      () => database.insert(orders).values({ total: 1, customerId: crypto.randomUUID() }),
    ],
    ['a rule is broken', 'invalid_argument', 'CHECK_VIOLATION', () => database.insert(orders).values({ total: -1 })],
    [
      'a value is missing',
      'invalid_argument',
      'NOT_NULL_VIOLATION',
      () => database.insert(orders).values({ total: null as never }),
    ],
    [
      'a value is malformed',
      'invalid_argument',
      'VALUE_INVALID',
      () => database.insert(orders).values({ total: 1, customerId: 'secret' }),
    ],
    [
      'the statement is wrong',
      'internal',
      'STATEMENT_REFUSED',
      () => database.execute(sql`SELECT secret FROM nowhere`),
    ],
    [
      'it may only read',
      'failed_precondition',
      'DATABASE_READ_ONLY',
      () => database.transaction(() => database.insert(orders).values({ total: 1 }).execute(), { readOnly: true }),
    ],
    [
      'a lock is held',
      'aborted',
      'LOCK_TIMEOUT',
      () => database.execute(sql`DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$`),
    ],
    [
      'files are damaged',
      'data_loss',
      'DATABASE_DAMAGED',
      () => database.execute(sql`DO $$ BEGIN RAISE SQLSTATE 'XX001'; END $$`),
    ],
  ] as const)('says in our words that %s, without the values', async (_, code, reason, work) => {
    const error = await failed(work());
    expect(error).toMatchObject({ code, reason });
    expect(error.message).toMatch(/^Cannot run `\w+( \w+)?`: /);
    expect(JSON.stringify(error)).not.toContain('secret');
    const { detail, params, query } = error.cause as Record<string, unknown>;
    expect([detail, params, query]).toEqual([undefined, undefined, undefined]);
  });

  test('tells which constraint was violated', async () => {
    const error = await failed(database.insert(customers).values([{ email: 'a' }, { email: 'a' }]));
    expect(error.details).toEqual({ constraint: 'customers_email_key', table: 'customers' });
  });

  test('runs a transaction again after a conflict, and gives up after so many attempts', async () => {
    let runs = 0;
    const conflict = sql`DO $$ BEGIN RAISE SQLSTATE '40001'; END $$`;
    await database.transaction(async () => {
      runs += 1;
      await database.insert(orders).values({ total: runs });
      if (runs < 3) await database.execute(conflict);
    });
    expect([runs, await totals()]).toEqual([3, [3]]);

    runs = 0;
    const hopeless = database.transaction(
      async () => {
        runs += 1;
        await database.transaction(async () => void (await database.execute(conflict)));
      },
      { attempts: 2 },
    );
    expect(await failed(hopeless)).toMatchObject({ code: 'aborted', reason: 'SERIALIZATION_FAILURE' });
    expect(runs).toBe(2);
  });

  test('does nothing for a call that is over', async () => {
    using call = createCall({ timeoutMs: 0 });
    const error = await runInCall(call, () => failed(database.insert(orders).values({ total: 1 })));
    expect(error.code).toBe('deadline_exceeded');
    const inTransaction = database.transaction(async () => {
      await database.insert(orders).values({ total: 1 });
      using inner = createCall();
      await runInCall(inner, async () => database.insert(orders).values({ total: 2 }));
    });
    await inTransaction;
    expect(await totals()).toEqual([1, 2]);
  });

  test('undoes a transaction whose call ends before the commit', async () => {
    const client = new AbortController();
    using call = createCall({ signal: client.signal });
    const gone = new Error('the client is gone');
    const work = runInCall(call, () =>
      database.transaction(async () => {
        await database.insert(orders).values({ total: 1 });
        client.abort(gone);
      }),
    );
    await expect(work).rejects.toBe(gone);
    await waitFor(async () => (await totals()).length === 0, { what: 'the transaction to be undone' });
  });

  test('is checked, also while all of its connections are at work', async () => {
    await Promise.all(
      Array.from({ length: kind === 'pglite' ? 1 : 3 }, () =>
        database.transaction(async () => {
          await totals();
          await database.check(AbortSignal.timeout(900));
        }),
      ),
    );
    expect(database.kind).toBe('datastore');
  });

  test('drains when nothing is at work any more, or when the time is over', async () => {
    await database.drain(AbortSignal.timeout(1_000));
    const end = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const work = database.transaction(async () => {
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    await database.drain(AbortSignal.timeout(20));
    let drained = false;
    const draining = database.drain(AbortSignal.timeout(10_000)).then(() => (drained = true));
    await totals().catch(() => {});
    expect(drained).toBe(false);
    end.resolve();
    await Promise.all([work, draining]);
  });
});

test('a database that is closed refuses what comes', async () => {
  await using opened = await openTest('pglite');
  const database = opened?.database as Opened;
  await database[Symbol.asyncDispose]();
  expect(await failed(database.select().from(orders))).toMatchObject({
    code: 'unavailable',
    reason: 'DATABASE_CLOSED',
  });
  await database[Symbol.asyncDispose]();
  await expect(database.check(AbortSignal.timeout(900))).rejects.toMatchObject({ code: 'unavailable' });
});
