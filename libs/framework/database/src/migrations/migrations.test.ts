import { collectLogger, postgresRequirement, skipUnless } from '@org/testing';
import { toServiceError, type ServiceError } from '@org/errors';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEmpty, kinds, open, type OpenOptions } from '../../test-fixtures/databases.ts';
import { readMigrations, type Migration } from './migration.ts';

const first: Migration = {
  name: '0001_orders',
  sql: 'CREATE TABLE runs (name text); CREATE TABLE parcels (id integer);',
};
const second: Migration = { name: '0002_total', sql: 'ALTER TABLE parcels ADD COLUMN total integer' };
const third: Migration = { name: '0003_rows', sql: 'INSERT INTO parcels VALUES (1, 2)' };

describe.each(kinds)('migrations on %s', { timeout: 30_000 }, (kind) => {
  let made: Awaited<ReturnType<typeof createEmpty>>;
  beforeEach(async (context) => {
    made = await createEmpty(kind);
    skipUnless(context, made !== undefined, postgresRequirement);
  });
  afterEach(() => made?.drop());

  const start = async (migrations: readonly Migration[], options: OpenOptions = {}) => {
    await (await open(made?.url as string, { migrations, ...options }))[Symbol.asyncDispose]();
  };
  const refused = (migrations: readonly Migration[], options?: OpenOptions): Promise<ServiceError> =>
    start(migrations, options).then(() => expect.fail('Expected it to be refused'), toServiceError);
  const ask = async (query: string) => {
    await using database = await open(made?.url as string);
    return (await database.execute(sql.raw(query))).rows;
  };
  const applied = async () => (await ask('SELECT name FROM applied_migrations ORDER BY name')).map(({ name }) => name);
  const tables = async () =>
    (await ask("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).map(
      ({ name }) => name,
    );

  test('are applied in order, once, and recorded', async () => {
    const logger = collectLogger();
    await start([first, second], { logger });
    await start([first, second, third], { logger });
    await using database = await open(made?.url as string, { migrations: [first, second, third], logger });
    expect((await database.execute(sql`SELECT * FROM parcels`)).rows).toEqual([{ id: 1, total: 2 }]);
    const recorded = sql`SELECT name, length(checksum) AS checksum, duration_ms >= 0 AS measured, applied_at <= now() AS dated
      FROM applied_migrations ORDER BY applied_at`;
    expect((await database.execute(recorded)).rows).toEqual(
      [first, second, third].map(({ name }) => ({ name, checksum: 64, measured: true, dated: true })),
    );
    const told = logger.lines.filter(({ message }) => message === 'Applied a migration');
    expect(told.map(({ fields }) => fields?.migration)).toEqual([first.name, second.name, third.name]);
  });

  test('have statements of all kinds, parted or not', async () => {
    const body = `CREATE FUNCTION one() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$;
      INSERT INTO parcels VALUES (one()); -- not; a statement
--> statement-breakpoint
      INSERT INTO parcels VALUES (2);--> statement-breakpoint
`;
    await start([first, { name: '0002_function', sql: body }]);
    expect(await ask('SELECT id FROM parcels ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('leave nothing behind when they fail half-way, and those before stay', async () => {
    const half = 'CREATE TABLE half (id integer); INSERT INTO nowhere VALUES (1)';
    const error = await refused([first, { name: '0002_half', sql: half }, third]);
    expect(error).toMatchObject({
      code: 'failed_precondition',
      reason: 'MIGRATION_FAILED',
      message: expect.stringMatching(
        /^Cannot apply the migration `0002_half`: .*\(42P01\), and nothing of it was kept/,
      ),
      details: { migration: '0002_half', state: '42P01' },
      cause: { reason: 'STATEMENT_REFUSED' },
    });
    expect([await tables(), await applied()]).toEqual([['applied_migrations', 'parcels', 'runs'], ['0001_orders']]);
    await start([first, second]);
    expect(await applied()).toEqual(['0001_orders', '0002_total']);
  });

  test('run outside of a transaction when they say so, and again after a failure', async () => {
    const index = `-- no-transaction: whoever writes goes on
DROP INDEX CONCURRENTLY IF EXISTS by_id;
--> statement-breakpoint
CREATE INDEX CONCURRENTLY by_id ON parcels (id)`;
    const failing = `${index};\n--> statement-breakpoint\nSELECT 1 / 0`;
    const error = await refused([first, { name: '0002_index', sql: failing }]);
    expect(error).toMatchObject({ reason: 'MIGRATION_FAILED', details: { migration: '0002_index', state: '22012' } });
    expect(error.message).toContain('what it did until then was kept');
    await start([first, { name: '0002_index', sql: index }]);
    expect(await applied()).toEqual(['0001_orders', '0002_index']);
    expect(await ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_id'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  test('that are to run outside of a transaction and do not say so are told how to', async () => {
    const index = 'CREATE INDEX CONCURRENTLY by_id ON parcels (id)';
    const error = await refused([first, { name: '0002_index', sql: index }]);
    expect(error).toMatchObject({ reason: 'MIGRATION_FAILED', details: { state: '25001' } });
    expect(error.message).toContain('`-- no-transaction`');
  });

  test('are refused when one has changed since it was applied, other than in how lines end and in waivers', async () => {
    const lines = { ...second, sql: `${second.sql}\n` };
    await start([first, lines]);
    await start([first, { ...lines, sql: lines.sql.replaceAll('\n', '\r\n') }]);
    await start([first, { ...lines, sql: `-- allow add-column: it was small\r\n${lines.sql}` }]);
    const error = await refused([first, { ...second, sql: `${second.sql} NOT NULL` }, third]);
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'MIGRATION_CHANGED' });
    expect(error.message).toContain('`0002_total`');
    expect(await applied()).toEqual(['0001_orders', '0002_total']);
  });

  test('of a newer version do not keep an older one from its start', async () => {
    const logger = collectLogger();
    await start([first, second, third]);
    await start([first], { logger });
    await start([first], { environment: { DATABASE_MIGRATE: 'verify' } });
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ fields: { migrations: ['0002_total', '0003_rows'] } }),
    );
  });

  test('of another branch are recognised, whichever of the two was applied', async () => {
    const other = { name: '0003_other', sql: 'SELECT 1' };
    await start([first, other]);
    const late = await refused([first, second, other]);
    expect(late).toMatchObject({ code: 'failed_precondition', reason: 'MIGRATION_OUT_OF_ORDER' });
    expect(late.message).toMatch(/`0002_total`.*`0003_other`/);
    const unknown = await refused([first, { name: '0004_mine', sql: 'SELECT 1' }]);
    expect(unknown).toMatchObject({ code: 'failed_precondition', reason: 'MIGRATION_UNKNOWN' });
    expect(unknown.message).toMatch(/`0003_other`.*`0004_mine`/);
    expect(await applied()).toEqual(['0001_orders', '0003_other']);
  });

  test('are only looked at by a start that verifies', async () => {
    const environment = { DATABASE_MIGRATE: 'verify' };
    expect(await refused([first, second], { environment })).toMatchObject({
      code: 'failed_precondition',
      reason: 'MIGRATIONS_MISSING',
      details: { migrations: ['0001_orders', '0002_total'] },
      message: expect.stringContaining('`0001_orders`, `0002_total` are missing'),
    });
    expect(await tables()).toEqual([]);
    await start([first]);
    expect((await refused([first, second], { environment })).message).toContain('`0002_total` is missing');
    await start([first], { environment });
  });

  test('leave the session as it was, also to the next of them', async () => {
    const dump = { name: '0000_dump', sql: "SELECT set_config('search_path', '', false); SET lock_timeout = '7s'" };
    await using database = await open(made?.url as string, { migrations: [dump, first] });
    const { rows } = await database.execute(
      sql`SELECT current_setting('lock_timeout') AS lock, current_schema() AS schema, count(*)::int AS runs FROM runs`,
    );
    expect(rows).toEqual([{ lock: kind === 'pglite' ? '0' : '10s', schema: 'public', runs: 0 }]);
  });
});

test.each([
  ['0002_b', '0001_a'],
  ['0001_a', '0001_a'],
])('the names %s, %s are refused', (before, after) => {
  const migrations = [before, after].map((name) => ({ name, sql: 'SELECT 1' }));
  expect(() => readMigrations(migrations)).toThrow(RangeError);
});

test.each(['BEGIN; SELECT 1; COMMIT', 'SELECT 1; -- and then\ncommit', 'rollback work; SELECT 1'])(
  'a transaction of its own is refused: %s',
  (sql) => expect(() => readMigrations([{ name: '0001_a', sql }])).toThrow(RangeError),
);

test.each([
  'SAVEPOINT a; ROLLBACK TO a',
  'CREATE PROCEDURE a() LANGUAGE plpgsql AS $$ BEGIN NULL; COMMIT; END $$',
  'CREATE FUNCTION a() RETURNS integer BEGIN ATOMIC SELECT 1; END',
  "SELECT '; COMMIT'; -- ; COMMIT",
  '-- no-transaction\nBEGIN; COMMIT',
])('what only looks like one is none: %s', (sql) => {
  expect(readMigrations([{ name: '0001_a', sql }])).toHaveLength(1);
});
