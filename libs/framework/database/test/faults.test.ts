import { createCall, runInCall, runOutsideCalls } from '@org/context';
import { toServiceError, type ServiceError } from '@org/errors';
import { collectLogger, openTcpProxy, waitFor } from '@org/testing';
import { sql } from 'drizzle-orm';
import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { open, withClient } from '../test-fixtures/databases.ts';
import * as models from '../test-fixtures/models.ts';
import { useOwnServer } from '../test-fixtures/server.ts';

const { orders } = models;

const server = useOwnServer();
beforeEach(() => withClient(server.url, (client) => client.query('TRUNCATE orders')));

const failed = async (work: PromiseLike<unknown>): Promise<ServiceError> =>
  Promise.resolve(work).then(
    () => expect.fail('Expected it to fail'),
    (error: unknown) => toServiceError(error),
  );
const kill = (where: string) =>
  withClient(server.url, (client) =>
    client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tests' AND ${where}`,
    ),
  );
const running = (text: string) =>
  withClient(server.url, async (client) => {
    const query = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE state = 'active' AND application_name = 'tests' AND query LIKE $1`;
    return (await client.query<{ count: number }>(query, [`%${text}%`])).rows[0]?.count;
  });
const sessions = () =>
  withClient(server.url, async (client) => {
    const query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'tests'";
    return (await client.query<{ pid: number }>(query)).rows.map(({ pid }) => pid);
  });
const stored = () =>
  withClient(server.url, async (client) =>
    (await client.query<{ total: number }>('SELECT total FROM orders')).rows.map(({ total }) => total),
  );

describe('a session that the server ends', () => {
  test('in a transaction fails that alone, and the pool goes on', async () => {
    await using database = await open(server.url, { environment: { DATABASE_POOL_SIZE: '3' } });
    for (let round = 0; round < 10; round += 1) {
      const work = database.transaction(async () => {
        await database.insert(orders).values({ total: round });
        await kill("state = 'idle in transaction'");
        await database.insert(orders).values({ total: round });
      });
      expect(await failed(work)).toMatchObject({
        code: 'unavailable',
        reason: 'CONNECTION_LOST',
        details: { applied: 'no' },
      });
    }
    expect(await stored()).toEqual([]);
    await Promise.all(Array.from({ length: 6 }, () => database.insert(orders).values({ total: 1 })));
    expect(await stored()).toHaveLength(6);
  });

  test('while nobody uses it is not missed', async () => {
    await using database = await open(server.url);
    await Promise.all(Array.from({ length: 5 }, () => database.execute(sql`SELECT 1`)));
    await kill("state = 'idle'");
    for (let round = 0; round < 10; round += 1)
      await database.transaction(() => database.insert(orders).values({ total: 1 }).execute());
    expect(await stored()).toHaveLength(10);
  });

  test('while a statement runs leaves its outcome unknown', async () => {
    await using database = await open(server.url);
    const work = failed(database.execute(sql`SELECT pg_sleep(60)`));
    await waitFor(() => running('pg_sleep'), { what: 'the statement to run' });
    await kill("query LIKE '%pg_sleep%'");
    expect(await work).toMatchObject({ code: 'unavailable', reason: 'OUTCOME_UNKNOWN', details: { applied: 'maybe' } });
  });
});

describe('a connection that was in use a moment ago', () => {
  const ask = sql`SELECT pg_backend_pid() AS pid`;

  test('is used again, and not once the server has ended it', async () => {
    const logger = collectLogger();
    await using database = await open(server.url, { logger });
    const { rows } = await database.execute<{ pid: number }>(ask);
    expect((await database.execute(ask)).rows).toEqual(rows);
    await kill(`pid = ${rows[0]?.pid}`);
    const told = () => logger.lines.filter(({ message }) => message === 'A connection to the database was lost');
    await waitFor(() => told().length === 1, { what: 'the end of the session to be told' });
    expect((await database.execute(ask)).rows).not.toEqual(rows);
    expect(told()).toMatchObject([{ level: 'warn', fields: { code: '57P01' } }]);
  });

  test('is replaced at its age though it is always in use, and closed when it no longer is', async () => {
    const environment = { DATABASE_POOL_LIFETIME: '1s', DATABASE_POOL_IDLE: '100ms', DATABASE_POOL_SIZE: '1' };
    await using database = await open(server.url, { environment });
    const first = (await database.execute<{ pid: number }>(ask)).rows[0]?.pid;
    let last = first;
    let over = false;
    const caller = async () => {
      while (!over) last = (await database.execute<{ pid: number }>(ask)).rows[0]?.pid;
    };
    const callers = [caller(), caller()];
    await waitFor(() => last !== first, { what: 'another session' });
    over = true;
    await Promise.all(callers);
    await waitFor(async () => (await sessions()).length === 0, { what: 'the sessions to end' });
  });
});

test('a close while connections are being made ends with them, and says so to whoever waits', async () => {
  for (const delayMs of [0, 2, 5, 10]) {
    const database = await open(server.url);
    const asked = Array.from({ length: 3 }, () => Promise.allSettled([database.execute(sql`SELECT 1`)]));
    await setTimeout(delayMs);
    await database[Symbol.asyncDispose]();
    for (const [outcome] of await Promise.all(asked)) {
      if (outcome.status === 'fulfilled') continue;
      expect(['DATABASE_CLOSED', 'OUTCOME_UNKNOWN']).toContain(toServiceError(outcome.reason).reason);
    }
  }
  await waitFor(async () => (await sessions()).length === 0, { what: 'the sessions to end' });
});

describe('a server that is killed under load', () => {
  test('loses nothing that was confirmed, and is back at work after its restart', async () => {
    await using database = await open(server.url, { environment: { DATABASE_CONNECT_TIMEOUT: '2s' } });
    const confirmed: number[] = [];
    const unsure: number[] = [];
    let next = 0;
    let over = false;
    const write = async () => {
      while (!over) {
        const total = (next += 1);
        try {
          await database.transaction(async () => {
            await database.insert(orders).values({ total });
          });
          confirmed.push(total);
        } catch (error) {
          if (toServiceError(error).details?.applied !== 'no') unsure.push(total);
        }
      }
    };
    const writers = Array.from({ length: 8 }, write);
    await waitFor(() => confirmed.length > 50, { what: 'rows to be written' });
    await server.restart();
    const before = confirmed.length;
    await waitFor(() => confirmed.length > before + 50, { what: 'rows to be written again', timeoutMs: 30_000 });
    over = true;
    await Promise.all(writers);
    const there = await stored();
    expect(there.length).toBe(new Set(there).size);
    expect(confirmed.filter((total) => !there.includes(total))).toEqual([]);
    expect(there.filter((total) => !confirmed.includes(total) && !unsure.includes(total))).toEqual([]);
  }, 90_000);
});

describe('a connection that is cut', () => {
  test('between COMMIT and its answer leaves the outcome unknown, and nothing is done twice', async () => {
    await using proxy = await openTcpProxy({ target: { host: '127.0.0.1', port: Number(new URL(server.url).port) } });
    const through = new URL(server.url);
    through.port = String(proxy.port);
    await using database = await open(through.href);
    let runs = 0;
    const work = database.transaction(async () => {
      runs += 1;
      await database.insert(orders).values({ total: 7 });
      // From here on the server hears everything, and its answers do not come.
      proxy.stop('to-client');
    });
    const error = failed(work);
    await waitFor(async () => (await stored()).length === 1, { what: 'the commit' });
    proxy.cut();
    expect(await error).toMatchObject({
      code: 'unavailable',
      reason: 'OUTCOME_UNKNOWN',
      details: { applied: 'maybe' },
    });
    expect([runs, await stored()]).toEqual([1, [7]]);
    proxy.pass();
    await database.insert(orders).values({ total: 8 });
  });

  test('before the first statement is replaced by another', async () => {
    await using proxy = await openTcpProxy({ target: { host: '127.0.0.1', port: Number(new URL(server.url).port) } });
    const through = new URL(server.url);
    through.port = String(proxy.port);
    await using database = await open(through.href);
    await database.execute(sql`SELECT 1`);
    // The client hears of it no sooner than its next statement.
    proxy.cut();
    await database.transaction(() => database.insert(orders).values({ total: 1 }).execute());
    expect(await stored()).toEqual([1]);
  });
});

describe('a call that ends', () => {
  test('has the server give up its statement, and the connection goes on', async () => {
    await using database = await open(server.url, { environment: { DATABASE_POOL_SIZE: '1' } });
    const pid = async () => (await database.execute<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`)).rows[0]?.pid;
    const before = await pid();
    using call = createCall({ timeoutMs: 200 });
    const started = performance.now();
    const error = await runInCall(call, () => failed(database.execute(sql`SELECT pg_sleep(60)`)));
    expect(error).toMatchObject({ code: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
    expect(performance.now() - started).toBeLessThan(5_000);
    await waitFor(async () => (await running('pg_sleep')) === 0, { what: 'the statement to be given up' });
    expect(await pid()).toBe(before);
  });

  test('never has the statement of another given up', async () => {
    await using database = await open(server.url, { environment: { DATABASE_POOL_SIZE: '1' } });
    for (let round = 0; round < 60; round += 1) {
      using call = createCall({ timeoutMs: round % 12 });
      await runInCall(call, async () => database.execute(sql`SELECT pg_sleep(0.006)`)).catch(() => {});
      await database.execute(sql`SELECT pg_sleep(0.002)`);
    }
  });

  test('has its transaction undone', async () => {
    await using database = await open(server.url, { environment: { DATABASE_POOL_SIZE: '1' } });
    using call = createCall({ timeoutMs: 200 });
    const work = runInCall(call, () =>
      database.transaction(async () => {
        await database.insert(orders).values({ total: 1 });
        await database.execute(sql`SELECT pg_sleep(60)`);
      }),
    );
    expect(await failed(work)).toMatchObject({ code: 'deadline_exceeded' });
    await database.insert(orders).values({ total: 2 });
    expect(await stored()).toEqual([2]);
  });

  test('while it waits for a connection leaves its place to others', async () => {
    await using database = await open(server.url, { environment: { DATABASE_POOL_SIZE: '1' } });
    await database.transaction(async () => {
      using call = createCall({ timeoutMs: 100 });
      const waiting = runOutsideCalls(() => runInCall(call, () => failed(database.execute(sql`SELECT 1`))));
      expect((await waiting).code).toBe('deadline_exceeded');
    });
    await database.execute(sql`SELECT 1`);
  });
});

describe('the limits of the server', () => {
  test('end statements that take too long, and those that wait for a lock', async () => {
    await using slow = await open(server.url, { environment: { DATABASE_STATEMENT_TIMEOUT: '200ms' } });
    expect(await failed(slow.execute(sql`SELECT pg_sleep(60)`))).toMatchObject({
      code: 'deadline_exceeded',
      reason: 'STATEMENT_TIMEOUT',
    });
    await using database = await open(server.url, { environment: { DATABASE_LOCK_TIMEOUT: '200ms' } });
    await withClient(server.url, async (client) => {
      await client.query('BEGIN; LOCK TABLE orders');
      const error = await failed(database.insert(orders).values({ total: 1 }));
      expect(error).toMatchObject({ code: 'aborted', reason: 'LOCK_TIMEOUT' });
    });
  });

  test('end transactions that do nothing', async () => {
    await using database = await open(server.url, { environment: { DATABASE_TRANSACTION_IDLE: '200ms' } });
    const work = database.transaction(async () => {
      await database.insert(orders).values({ total: 1 });
      await waitFor(async () => (await stillOpen()) === 0, { what: 'the server to end it' });
      await database.insert(orders).values({ total: 2 });
    });
    expect((await failed(work)).details?.applied ?? 'no').toBe('no');
    expect(await stored()).toEqual([]);
  });
  const stillOpen = () =>
    withClient(server.url, async (client) => {
      const query =
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE state = 'idle in transaction' AND application_name = 'tests'";
      return (await client.query<{ count: number }>(query)).rows[0]?.count;
    });

  test('a server that does not answer any more costs a statement its time, and no more', async () => {
    await using database = await open(server.url, { environment: { DATABASE_STATEMENT_TIMEOUT: '200ms' } });
    await database.execute(sql`SELECT 1`);
    await server.freeze();
    try {
      using call = createCall({ timeoutMs: 300 });
      expect((await runInCall(call, () => failed(database.execute(sql`SELECT 1`)))).code).toBe('deadline_exceeded');
      await expect(database.check(AbortSignal.timeout(300))).rejects.toThrow();
    } finally {
      await server.thaw();
    }
    await waitFor(async () => (await database.execute(sql`SELECT 1`)).rows.length, { what: 'it to be back' });
  });
});

describe('transactions that collide', () => {
  test('serializable ones run again until each has seen the others', async () => {
    await using database = await open(server.url);
    await database.insert(orders).values({ id: 1, total: 0 });
    const add = () =>
      database.transaction(
        async () => {
          const [row] = await database.select().from(orders);
          await database.update(orders).set({ total: (row?.total ?? 0) + 1 });
        },
        { isolation: 'serializable', attempts: 50 },
      );
    await Promise.all(Array.from({ length: 10 }, add));
    expect(await stored()).toEqual([10]);
  });

  test('those that wait for each other run again', async () => {
    await using database = await open(server.url);
    await database.insert(orders).values([
      { id: 1, total: 0 },
      { id: 2, total: 0 },
    ]);
    const add = (first: number, second: number) =>
      database.transaction(async () => {
        for (const id of [first, second]) {
          await database
            .update(orders)
            .set({ total: sql`${orders.total} + 1` })
            .where(sql`${orders.id} = ${id}`);
          await database.execute(sql`SELECT pg_sleep(0.05)`);
        }
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    expect(await stored()).toEqual([2, 2]);
  });
});
