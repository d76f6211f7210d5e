import { join } from 'node:path';
import { toServiceError } from '@org/errors';
import { collectLogger, startProcess, waitFor } from '@org/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { open, withClient } from '../test-fixtures/databases.ts';
import { tryMigration } from '../test-fixtures/run-migration.ts';
import { useOwnServer } from '../test-fixtures/server.ts';

const server = useOwnServer();
beforeEach(async () => {
  await ask('DROP SCHEMA public CASCADE');
  await ask('CREATE SCHEMA public');
});

const ask = <Row extends object>(query: string) =>
  withClient(server.url, async (client) => (await client.query<Row>(query)).rows);
const applied = async () =>
  (await ask<{ name: string }>('SELECT name FROM applied_migrations ORDER BY name')).map(({ name }) => name);
const locks = () => ask("SELECT pid FROM pg_locks WHERE locktype = 'advisory'");
const sleeping = () => ask("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)'");
const takeLock = "SELECT pg_advisory_lock(hashtext('applied_migrations'))";

describe('migrations', { timeout: 60_000 }, () => {
  test('of ten replicas that start together are applied once each', async () => {
    const migrations = [
      { name: '0001_runs', sql: 'CREATE TABLE runs (name text)' },
      { name: '0002_run', sql: "INSERT INTO runs VALUES ('second'); SELECT pg_sleep(0.5)" },
      { name: '0003_index', sql: '-- no-transaction\nCREATE INDEX CONCURRENTLY by_name ON runs (name)' },
      { name: '0004_run', sql: "INSERT INTO runs VALUES ('fourth')" },
    ];
    const logger = collectLogger();
    await using stack = new AsyncDisposableStack();
    const starts = Array.from({ length: 10 }, async () => stack.use(await open(server.url, { migrations, logger })));
    const outcomes = await Promise.allSettled(starts);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await ask('SELECT name FROM runs ORDER BY name')).toEqual([{ name: 'fourth' }, { name: 'second' }]);
    expect(await applied()).toEqual(migrations.map(({ name }) => name));
    expect(logger.lines.filter(({ message }) => message === 'Applied a migration')).toHaveLength(4);
    expect(await locks()).toEqual([]);
  });

  test('of operators who run and undo them at the same time are applied and undone once', async () => {
    const migrations = [
      { name: '0001_runs', sql: 'CREATE TABLE runs (name text)', down: 'DROP TABLE runs' },
      {
        name: '0002_run',
        sql: "INSERT INTO runs VALUES ('second'); SELECT pg_sleep(0.2)",
        down: "DELETE FROM runs WHERE name = 'second'; SELECT pg_sleep(0.2)",
      },
    ];
    const options = { migrations, environment: { DATABASE_URL: server.url } };
    const each = (line: string[]) => Promise.all(Array.from({ length: 4 }, () => tryMigration(line, options)));
    const ran = await each(['run']);
    expect(ran.map(({ lines }) => lines.length).toSorted()).toEqual([1, 1, 1, 2]);
    expect(await ask('SELECT name FROM runs')).toEqual([{ name: 'second' }]);
    const undone = await each(['rollback', '0002_run']);
    expect(undone.filter(({ error }) => error === undefined)).toEqual([
      { lines: ['undone  0002_run'], error: undefined },
    ]);
    for (const { error } of undone) if (error) expect(error).toMatchObject({ reason: 'MIGRATION_NOT_APPLIED' });
    expect(await applied()).toEqual(['0001_runs']);
    expect(await locks()).toEqual([]);
  });

  test('of a process that is killed leave nothing half done, and the next start goes on', async () => {
    const script = join(import.meta.dirname, '../test-fixtures/migrator.ts');
    await using migrator = await startProcess(script, [], { env: { DATABASE_URL: server.url } });
    await waitFor(async () => (await sleeping()).length === 1, {
      what: 'the second migration to run',
      timeoutMs: 30_000,
    });
    migrator.kill('SIGKILL');
    await migrator.exit;
    const migrations = [
      { name: '0001_first', sql: 'CREATE TABLE first (id integer)' },
      { name: '0002_other', sql: 'CREATE TABLE second (id integer)' },
    ];
    await using _database = await open(server.url, { migrations, environment: { DATABASE_MIGRATE_TIMEOUT: '20s' } });
    expect(await applied()).toEqual(['0001_first', '0002_other']);
  });

  test('whose session the server ends in the middle fail the start, and hold no lock', async () => {
    const migrations = [{ name: '0001_slow', sql: 'CREATE TABLE slow (id integer); SELECT pg_sleep(600)' }];
    const start = open(server.url, { migrations }).then(() => expect.fail('Expected it to fail'), toServiceError);
    await waitFor(async () => (await sleeping()).length === 1, { what: 'the migration to run' });
    await ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    expect(await start).toMatchObject({
      code: 'unavailable',
      reason: 'CONNECTION_LOST',
      message: expect.stringContaining('Cannot apply the migration `0001_slow`'),
      details: { applied: 'no' },
    });
    expect([await applied(), await locks()]).toEqual([[], []]);
  });

  test('wait for another process for so long, and only where some are missing', async () => {
    const migrations = [{ name: '0001_runs', sql: 'CREATE TABLE runs (name text)' }];
    const environment = { DATABASE_MIGRATE_TIMEOUT: '300ms' };
    await withClient(server.url, async (client) => {
      await client.query(takeLock);
      const error = await open(server.url, { migrations, environment }).catch(toServiceError);
      expect(error).toMatchObject({ code: 'unavailable', reason: 'MIGRATIONS_LOCKED' });
    });
    await (await open(server.url, { migrations, environment }))[Symbol.asyncDispose]();
    await withClient(server.url, async (client) => {
      await client.query(takeLock);
      await using _database = await open(server.url, { migrations, environment });
    });
  });

  test('may take longer than other statements, though not wait longer for a lock', async () => {
    const environment = { DATABASE_STATEMENT_TIMEOUT: '200ms', DATABASE_LOCK_TIMEOUT: '200ms' };
    const slow = { name: '0001_slow', sql: 'CREATE TABLE runs (name text); SELECT pg_sleep(0.5)' };
    await (await open(server.url, { migrations: [slow], environment }))[Symbol.asyncDispose]();
    await withClient(server.url, async (client) => {
      await client.query('BEGIN; LOCK TABLE runs IN ACCESS SHARE MODE');
      const migrations = [slow, { name: '0002_column', sql: 'ALTER TABLE runs ADD COLUMN id integer' }];
      const error = await open(server.url, { migrations, environment }).catch(toServiceError);
      expect(error).toMatchObject({ reason: 'MIGRATION_FAILED', cause: { reason: 'LOCK_TIMEOUT' } });
    });
    expect([await applied(), await locks()]).toEqual([['0001_slow'], []]);
  });

  test('ask nothing to be written where none is missing', async () => {
    const migrations = [{ name: '0001_runs', sql: 'CREATE TABLE runs (name text)' }];
    await (await open(server.url, { migrations }))[Symbol.asyncDispose]();
    await ask('ALTER DATABASE postgres SET default_transaction_read_only = on');
    try {
      await using _database = await open(server.url, { migrations });
    } finally {
      await withClient(server.url, async (client) => {
        await client.query('SET default_transaction_read_only = off');
        await client.query('ALTER DATABASE postgres RESET default_transaction_read_only');
      });
    }
  });
});
