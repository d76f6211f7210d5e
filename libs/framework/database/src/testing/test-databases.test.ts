import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { postgresRequirement, skipUnless, startPostgres, type PostgresServer } from '@org/testing';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kinds, withClient } from '../../test-fixtures/databases.ts';
import { createTestDatabases, type TestDatabases } from './test-databases.ts';

const orders = pgTable('orders', { id: text().primaryKey(), total: integer().notNull() });
const models = { orders };
const migrations = [{ name: '0001_orders', sql: 'CREATE TABLE orders (id text PRIMARY KEY, total integer NOT NULL)' }];
const order = { id: 'o1', total: 100 };

let server: PostgresServer | undefined;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server?.[Symbol.asyncDispose]());
const ask = (query: string) => withClient(server!.url, (client) => client.query(query));
const named = async (beginning: string): Promise<string[]> => {
  const { rows } = await ask(`SELECT datname FROM pg_database WHERE starts_with(datname, '${beginning}')`);
  return rows.map(({ datname }) => datname as string).sort();
};

describe.each(kinds)('databases for tests on %s', { timeout: 60_000 }, (kind) => {
  let databases: TestDatabases<typeof models>;
  beforeEach((context) => {
    skipUnless(context, server !== undefined, postgresRequirement);
    databases = createTestDatabases({ models, migrations }, kind === 'postgres' ? { server: server.url } : {});
  });

  test('have all migrations, and nothing of each other', async () => {
    await using one = await databases.open();
    await using other = await databases.open();
    await one.insert(orders).values(order);
    expect(await one.select().from(orders)).toEqual([order]);
    expect(await other.select().from(orders)).toEqual([]);
    await using later = await databases.open();
    expect(await later.select().from(orders)).toEqual([]);
  });

  test('are prepared for a service that opens them by their URL', async () => {
    const prepared = await databases.prepare();
    await using _prepared = prepared;
    {
      await using database = await prepared.open();
      await database.insert(orders).values(order);
    }
    await using database = await prepared.open();
    expect(await database.select().from(orders)).toEqual([order]);
    expect(prepared.url).toMatch(kind === 'postgres' ? /^postgres:.*\/test_copy_/ : /^pglite:\//);
    if (kind === 'pglite') await expect(prepared.open()).rejects.toMatchObject({ reason: 'DATABASE_IN_USE' });
  });

  test('fail with what a migration fails with, each time', async () => {
    const broken = [{ name: '0001_broken', sql: 'CREATE TABLE broken' }];
    const server_ = kind === 'postgres' ? { server: server!.url } : {};
    const given = createTestDatabases({ models, migrations: broken }, server_);
    for (const _ of [1, 2]) await expect(given.open()).rejects.toMatchObject({ reason: 'MIGRATION_FAILED' });
    expect(await named('test_copy_')).toEqual([]);
  });
});

test('a folder is deleted with its database', async () => {
  const prepared = await createTestDatabases({ models, migrations }, {}).prepare();
  const folder = dirname(prepared.url.slice('pglite:'.length));
  expect(existsSync(folder)).toBe(true);
  await prepared[Symbol.asyncDispose]();
  expect(existsSync(folder)).toBe(false);
});

describe('databases for tests on a server', { timeout: 60_000 }, () => {
  beforeEach((context) => skipUnless(context, server !== undefined, postgresRequirement));
  const on = (given = migrations) => createTestDatabases({ models, migrations: given }, { server: server!.url });
  const timeOf = (ageMs: number) => (Date.now() - ageMs).toString(36);

  test('are deleted when a test fails, whoever still uses them', async () => {
    const failing = async () => {
      await using prepared = await on().prepare();
      await using stack = new AsyncDisposableStack();
      stack.use(await prepared.open());
      stack.move();
      throw new Error('the test fails');
    };
    await expect(failing()).rejects.toThrow('the test fails');
    expect(await named('test_copy_')).toEqual([]);
  });

  test('come from one template, also for processes that begin together', async () => {
    const fresh = [{ name: '0001_orders', sql: `${migrations[0]?.sql} -- fresh` }];
    const before = await named('test_template_');
    const opened = await Promise.all(Array.from({ length: 3 }, () => on(fresh).open()));
    expect(await named('test_copy_')).toHaveLength(3);
    for (const database of opened) await database[Symbol.asyncDispose]();
    expect(await named('test_template_')).toHaveLength(before.length + 1);
    expect(await named('test_copy_')).toEqual([]);
  });

  test('are deleted later when a process has left them behind; those of others are not', async () => {
    const hourMs = 3_600_000;
    const left = `test_copy_${timeOf(2 * hourMs)}_aa`;
    const used = `test_copy_${timeOf(2 * hourMs)}_bb`;
    const young = `test_copy_${timeOf(hourMs / 2)}_cc`;
    for (const name of [left, used, young, 'test_mine']) await ask(`CREATE DATABASE ${name}`);
    await withClient(server!.url.replace(/postgres$/, used), async () => {
      await using _database = await on().open();
    });
    expect(await named('test_')).toEqual(expect.arrayContaining([used, young, 'test_mine']));
    expect(await named('test_')).not.toContain(left);
    for (const name of [used, young, 'test_mine']) await ask(`DROP DATABASE ${name} WITH (FORCE)`);
  });

  test('leave eight templates at most, and make one again that is gone', async () => {
    const databases = on();
    await using _before = await databases.open();
    for (let count = 1; count <= 9; count += 1) await ask(`CREATE DATABASE test_template_${timeOf(-count)}_${count}0`);
    await using _other = await on([{ name: '0001_other', sql: 'CREATE TABLE other ()' }]).open();
    expect(await named('test_template_')).toHaveLength(8);
    await using again = await databases.open();
    expect(await again.select().from(orders)).toEqual([]);
    expect(await named('test_template_')).toHaveLength(8);
  });
});
