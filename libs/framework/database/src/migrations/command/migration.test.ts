import { postgresRequirement, skipUnless } from '@org/testing';
import type { ServiceError } from '@org/errors';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEmpty, kinds, open, type Kind } from '../../../test-fixtures/databases.ts';
import { runMigration, tryMigration } from '../../../test-fixtures/run-migration.ts';
import type { Migration } from '../migration.ts';
import { migration } from './migration.ts';

const first: Migration = {
  name: '0001_orders',
  sql: 'CREATE TABLE orders (id integer)',
  down: 'DROP TABLE orders',
};
const second: Migration = {
  name: '0002_total',
  sql: 'ALTER TABLE orders ADD COLUMN total integer',
  down: 'ALTER TABLE orders DROP COLUMN total',
};
const third: Migration = {
  name: '0003_index',
  sql: '-- no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS by_total;\n--> statement-breakpoint\nCREATE INDEX CONCURRENTLY by_total ON orders (total);',
  down: '-- no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS by_total',
};
const all = [first, second, third];

const record = ['applied_migrations', 'applied_migrations_pkey'];

/** A database of its own for each test, and what tests do with it. */
function useDatabase(kind: Kind) {
  let made: Awaited<ReturnType<typeof createEmpty>>;
  let environment: Record<string, string>;
  beforeEach(async (context) => {
    made = await createEmpty(kind);
    skipUnless(context, made !== undefined, postgresRequirement);
    environment = { DATABASE_URL: made.url };
  });
  afterEach(() => made?.drop());

  const run = (line: string, migrations: readonly Migration[] = all) =>
    runMigration(line.split(' '), { environment, migrations });
  const refused = async (line: string, migrations: readonly Migration[] = all): Promise<ServiceError> => {
    const { error } = await tryMigration(line.split(' '), { environment, migrations });
    return (error ?? expect.fail('Expected it to be refused')) as ServiceError;
  };
  const ask = async (query: string) => {
    await using database = await open(made?.url as string);
    return (await database.execute(sql.raw(query))).rows;
  };
  const relations = async () => {
    const query = "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1";
    return (await ask(query)).map(({ name }) => name);
  };
  const applied = async () => (await ask('SELECT name FROM applied_migrations ORDER BY name')).map(({ name }) => name);
  return {
    run,
    refused,
    ask,
    relations,
    applied,
    set: (name: string, value: string) => void (environment[name] = value),
    attempt: (line: string, migrations: readonly Migration[]) =>
      tryMigration(line.split(' '), { environment, migrations }),
  };
}

describe.each(kinds)('the command on %s', { timeout: 60_000 }, (kind) => {
  const { run, refused, ask, relations, applied } = useDatabase(kind);

  test('applies what is missing, and once', async () => {
    expect(await run('run', [first])).toEqual(['applied  0001_orders']);
    expect(await run('run')).toEqual(['applied  0002_total', 'applied  0003_index']);
    expect(await run('run')).toEqual(['Nothing to do']);
    expect(await relations()).toEqual([...record, 'by_total', 'orders']);
  });

  test('says where each stands, and since when', async () => {
    expect(await run('status', [])).toEqual(['No migrations']);
    expect(await run('status', [first])).toEqual(['pending  0001_orders']);
    expect(await relations()).toEqual([]);
    await run('run', [first]);
    const [line, ...others] = await run('status', [first, second]);
    expect(line).toMatch(/^applied {2}0001_orders {2}20\d\d-\d\d-\d\dT[\d:.]+Z {2}\d+ms$/);
    expect(others).toEqual(['pending  0002_total']);
    expect((await run('status --json', [first, second])).map((each) => JSON.parse(each))).toEqual([
      { name: '0001_orders', state: 'applied', appliedAt: expect.stringMatching(/Z$/), durationMs: expect.any(Number) },
      { name: '0002_total', state: 'pending' },
    ]);
  });

  test('undoes the last one, and its record', async () => {
    await run('run');
    expect(await run('rollback')).toEqual(['undone  0003_index']);
    expect(await relations()).toEqual([...record, 'orders']);
    expect(await run('rollback 0002_total')).toEqual(['undone  0002_total']);
    expect(await ask('SELECT * FROM orders')).toEqual([]);
    expect(await applied()).toEqual(['0001_orders']);
    expect(await run('run')).toEqual(['applied  0002_total', 'applied  0003_index']);
  });

  test('undoes all that came after another one, the last one first', async () => {
    await run('run');
    expect(await run('rollback --to 0001_orders')).toEqual(['undone  0003_index', 'undone  0002_total']);
    expect(await applied()).toEqual(['0001_orders']);
    expect(await run('rollback --to 0001_orders')).toEqual(['Nothing to do']);
    expect(await run('rollback')).toEqual(['undone  0001_orders']);
    expect(await relations()).toEqual(record);
  });

  test('records migrations of tables that are there already', async () => {
    await ask('CREATE TABLE orders (id integer, total integer)');
    expect((await refused('run')).message).toContain('`migration baseline`');
    expect(await run('baseline 0002_total')).toEqual(['recorded  0001_orders', 'recorded  0002_total']);
    expect(await run('run')).toEqual(['applied  0003_index']);
    expect(await run('status')).toHaveLength(3);
  });
});

// What decides is the same on both.
describe('the command', { timeout: 60_000 }, () => {
  const { run, refused, ask, relations, applied, set, attempt } = useDatabase('postgres');

  test('applies also where the start would only verify', async () => {
    set('DATABASE_MIGRATE', 'verify');
    expect(await run('run', [first])).toEqual(['applied  0001_orders']);
  });

  test('ends its status as the start would', async () => {
    await run('run', [first, second]);
    const statusOf = async (migrations: readonly Migration[]) => {
      const { lines, error } = await attempt('status', migrations);
      return [lines.map((line) => line.split('  ')[0]?.trim()), (error as ServiceError | undefined)?.reason];
    };
    expect(await statusOf([first])).toEqual([['applied', 'newer'], undefined]);
    expect(await statusOf([first, { ...second, sql: 'SELECT 1' }, third])).toEqual([
      ['applied', 'changed', 'pending'],
      'MIGRATION_CHANGED',
    ]);
    expect(await statusOf([first, third])).toEqual([['applied', 'unknown', 'pending'], 'MIGRATION_UNKNOWN']);
    const late = { name: '0001_other', sql: 'SELECT 1' };
    expect(await statusOf([first, late, second])).toEqual([['applied', 'late', 'applied'], 'MIGRATION_OUT_OF_ORDER']);
    set('DATABASE_MIGRATE', 'verify');
    expect(await statusOf(all)).toEqual([['applied', 'applied', 'pending'], 'MIGRATIONS_MISSING']);
  });

  test('undoes nothing where it cannot come to the end, or is not asked for the last one', async () => {
    await run('run');
    const before = await relations();
    const { down: _, ...withoutDown } = second;
    const changed = { ...second, sql: 'SELECT 1' };
    const reasons = [
      await refused('rollback --to 0001_orders', [first, withoutDown, third]),
      await refused('rollback --to 0001_orders', [first, changed, third]),
      await refused('rollback', [first, second]),
      await refused('rollback 0002_total'),
      await refused('rollback 0009_other'),
      await refused('rollback --to 0009_other'),
    ].map(({ code, reason }) => `${code} ${reason}`);
    expect(reasons).toEqual(
      ['IRREVERSIBLE', 'CHANGED', 'UNKNOWN', 'NOT_LAST', 'NOT_APPLIED', 'NOT_APPLIED'].map(
        (reason) => `failed_precondition MIGRATION_${reason}`,
      ),
    );
    expect(await relations()).toEqual(before);
    expect(await applied()).toEqual(all.map(({ name }) => name));
  });

  test('has nothing to undo where nothing was applied, and leaves nothing behind', async () => {
    expect(await refused('rollback')).toMatchObject({ reason: 'MIGRATION_NOT_APPLIED' });
    expect(await relations()).toEqual([]);
  });

  test('keeps one as it is whose way back fails half-way', async () => {
    const failing = { ...second, down: 'ALTER TABLE orders DROP COLUMN total; SELECT 1 / 0' };
    await run('run', [first, failing]);
    const error = await refused('rollback', [first, failing]);
    expect(error).toMatchObject({ reason: 'MIGRATION_FAILED', details: { migration: '0002_total', state: '22012' } });
    expect(error.message).toMatch(/^Cannot undo the migration `0002_total`: .*nothing of it was kept/);
    expect(await applied()).toEqual(['0001_orders', '0002_total']);
    expect(await ask('SELECT total FROM orders')).toEqual([]);
  });

  test('records nothing where a table is missing, or something is recorded', async () => {
    const customers = { name: '0004_customers', sql: 'CREATE TABLE public."Customers" (id integer)' };
    const migrations = [...all, customers];
    await ask('CREATE TABLE orders (id integer)');
    const error = await refused('baseline', migrations);
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'BASELINE_TABLES_MISSING' });
    expect(error.message).toContain('the database has no "Customers"');
    expect(await relations()).toEqual(['orders']);
    expect(await refused('baseline', [{ name: '0001_rows', sql: 'SELECT 1' }])).toMatchObject({
      reason: 'BASELINE_TABLES_MISSING',
    });
    expect(await run('baseline 0003_index', migrations)).toHaveLength(3);
    expect(await refused('baseline', migrations)).toMatchObject({ reason: 'MIGRATIONS_RECORDED' });
    expect(await applied()).toEqual(all.map(({ name }) => name));
  });
});

test('prints the text of one, or of all, and of what undoes them', async () => {
  expect(await runMigration(['sql', '0001_orders'], { migrations: all })).toEqual(['-- 0001_orders', first.sql]);
  expect(await runMigration(['sql'], { migrations: [first, second] })).toEqual([
    '-- 0001_orders',
    first.sql,
    '-- 0002_total',
    second.sql,
  ]);
  const { down: _, ...withoutDown } = first;
  expect(await runMigration(['sql', '--down'], { migrations: [withoutDown, second] })).toEqual([
    '-- 0002_total, undone',
    second.down,
    '-- 0001_orders, undone',
    '-- Nothing undoes it.',
  ]);
});

test.each(['run', 'status', 'rollback', 'baseline'])(
  '`%s` refuses a database that is in the memory of another process',
  async (action) => {
    const { error } = await tryMigration([action], { migrations: all });
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'DATABASE_IN_MEMORY' });
  },
);

test.each(['generate more', 'check'])('`%s` needs the source, and says so', async (line) => {
  // What runs is the program of the tests, which is no TypeScript.
  const { error } = await tryMigration(line.split(' '), { migrations: all });
  expect(error).toMatchObject({ code: 'failed_precondition', reason: 'SOURCE_MISSING' });
  expect((error as Error).message).toMatch(/needs the source.*npx nx migration/);
});

test.each([
  ['no action', ''],
  ['an action that is none', 'burn'],
  ['no name for what is generated', 'generate'],
  ['a name that is none', 'generate Orders!'],
  ['two names', 'generate one two'],
  ['a name where none is taken', 'run 0001_orders'],
  ['an option that is none', 'status --colour'],
  ['an option of another action', 'run --json'],
  ['an option without its value', 'rollback --to'],
  ['both ways of saying what to undo', 'rollback 0002_total --to 0001_orders'],
  ['a migration that is not there', 'sql 0009_other'],
  ['a baseline that is not there', 'baseline 0009_other'],
])('%s is misuse', async (_, line) => {
  const words = line.split(' ').filter((word) => word !== '');
  const { error } = await tryMigration(words, { migrations: all, folder: '/nowhere' });
  expect(error).toMatchObject({ code: 'invalid_argument' });
  expect((error as ServiceError).reason).toBeUndefined();
});

test('describes the migrations that it has', () => {
  const command = migration({ models: {}, migrations: [first, second] });
  expect(command.describe?.({ name: 'orders', contract: undefined })).toEqual({
    migrations: ['0001_orders', '0002_total'],
  });
});
