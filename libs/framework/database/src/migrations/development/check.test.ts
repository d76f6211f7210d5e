import { boolean, integer, pgTable, text, vector } from 'drizzle-orm/pg-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createServiceFolder, type ServiceFolder } from '../../../test-fixtures/service-folder.ts';

const id = () => ({ id: text().primaryKey() });
const orders = pgTable('orders', { ...id(), total: integer().notNull() });

// Each check starts an engine.
vi.setConfig({ testTimeout: 60_000 });

let folder: ServiceFolder;
beforeEach(async () => {
  folder = await createServiceFolder();
  await folder.run('generate orders', { orders });
});
afterEach(() => folder[Symbol.asyncDispose]());

const edit = (file: string, from: string, to: string) => {
  expect(folder.read(file)).toContain(from);
  folder.write(file, folder.read(file).replace(from, to));
};
const check = (models: Record<string, unknown> = { orders }) => folder.run('check', models);
const refused = async (models?: Record<string, unknown>) => {
  const { text: printed, error } = await check(models);
  expect(error).toMatchObject({ code: 'failed_precondition', reason: 'MIGRATIONS_DISAGREE' });
  return printed;
};

test('models and migrations that agree are fine', async () => {
  expect(await check()).toEqual({ text: 'The migrations make the tables of the models (1)', error: undefined });
});

test('models that ask for more than the migrations are found', async () => {
  expect(
    await refused({ orders: pgTable('orders', { ...id(), total: integer().notNull(), paid: boolean() }) }),
  ).toMatch(/ADD COLUMN "paid" boolean; Make one with `migration generate NAME`/);
});

test('a text that was changed by hand is found where it no longer makes what the models ask for', async () => {
  edit('0001_orders.ts', '"total" integer NOT NULL', '"total" bigint NOT NULL');
  expect(await refused()).toContain(
    'column `public.orders.total`: the models ask for `integer NOT NULL`, and the migrations make `bigint NOT NULL`',
  );
});

test('a text that was changed by hand may make more', async () => {
  edit('0001_orders.ts', '"total" integer NOT NULL', '"total" integer NOT NULL CHECK (total > 0), "old" text');
  edit('0001_orders.ts', ');\n', ');\nCREATE TABLE rates (id integer); CREATE INDEX by_old ON orders (old);\n');
  edit('0001_orders.ts', 'DROP TABLE', 'DROP TABLE rates; DROP TABLE');
  expect(await check()).toMatchObject({ error: undefined });
});

test('a column without which no row can be added is found', async () => {
  edit('0001_orders.ts', '"total" integer NOT NULL', '"total" integer NOT NULL, "old" text NOT NULL');
  expect(await refused()).toContain('column `public.orders.old`: the migrations make it NOT NULL without a default');
});

test('a text that the database refuses is found', async () => {
  edit('0001_orders.ts', 'integer NOT NULL', 'intgr NOT NULL');
  expect(await refused()).toMatch(
    /0001_orders\.ts {2}Cannot apply the migration `0001_orders`: .*type "intgr" does not exist/,
  );
});

test('a way back that fails, or leaves something behind, is found', async () => {
  const models = { orders: pgTable('orders', { ...id(), total: integer().notNull(), paid: boolean() }) };
  await folder.run('generate paid', models);
  expect(await check(models)).toMatchObject({ error: undefined });
  edit('0002_paid.ts', 'DROP COLUMN "paid"', 'ALTER COLUMN "paid" DROP NOT NULL');
  expect(await refused(models)).toMatch(/0002_paid\.ts {2}Its `down` does not lead back\. .*already exists/);
  edit('0002_paid.ts', 'ALTER COLUMN "paid" DROP NOT NULL', 'DROP COLUMN "payed"');
  expect(await refused(models)).toMatch(/0002_paid\.ts {2}Cannot undo the migration `0002_paid`: .*"payed"/);
});

test('what the embedded engine lacks is no finding', async () => {
  await folder.run('generate extension --empty', { orders });
  edit('0002_extension.ts', '-- What', 'CREATE EXTENSION postgis;\n-- What');
  expect(await check()).toMatchObject({ error: undefined, text: expect.stringMatching(/^Not compared.*postgis/) });
});

test('models of an extension that the embedded engine lacks are found only where migrations lack them', async () => {
  const models = { orders, points: pgTable('points', { ...id(), at: vector({ dimensions: 3 }) }) };
  expect(await refused(models)).toContain('Make one with');
});

test('a migration that the list forgets, or that has no file, is found', async () => {
  await folder.run('generate more --empty', { orders });
  edit('index.ts', ', m0002_more]', ']');
  expect(await refused()).toContain('index.ts does not list `0002_more`');
  edit('index.ts', 'm0001_orders]', 'm0001_orders, m0002_more]');
  edit('0002_more.ts', "name: '0002_more'", "name: '0003_more'");
  expect(await refused()).toContain('index.ts lists `0003_more`, and no file is called so');
});

test('two branches that both added one are found, and how to mend them', async () => {
  await folder.run('generate mine --empty', { orders });
  folder.write('0002_theirs.ts', folder.read('0002_mine.ts').replaceAll('mine', 'theirs'));
  edit('index.ts', 'm0002_mine]', 'm0002_mine, m0002_theirs]');
  edit('index.ts', '\n\n', "\nimport { migration as m0002_theirs } from './0002_theirs.ts';\n\n");
  expect(await refused()).toMatch(/0002_theirs\.ts {2}another one has the same number: two branches/);
});

test('a list out of order is found', async () => {
  await folder.run('generate more --empty', { orders });
  edit('index.ts', '[m0001_orders, m0002_more]', '[m0002_more, m0001_orders]');
  expect(await refused()).toContain('in the order of their names');
});

test.each([
  ['with the marks of a merge', '<<<<<<< HEAD\n{}'],
  ['of something else', '{}'],
])('a snapshot %s is refused', async (_, content) => {
  folder.write('snapshot.json', content);
  expect(await check()).toMatchObject({ error: { code: 'failed_precondition', reason: 'SNAPSHOT_UNUSABLE' } });
  expect(await folder.run('generate more', { orders })).toMatchObject({ error: { reason: 'SNAPSHOT_UNUSABLE' } });
});

test('what would break the version that still runs is found, until it is waived with a reason', async () => {
  const models = { orders: pgTable('orders', id()) };
  await folder.run('generate forget_total', models);
  expect(await refused(models)).toMatch(
    /0002_forget_total\.ts:5 {2}`orders\.total`: .*\n {4}Or above .*-- allow drop-column: …/,
  );
  edit('0002_forget_total.ts', 'ALTER TABLE', '-- allow drop-column: no version reads it since 1.4\nALTER TABLE');
  expect(await check(models)).toMatchObject({ error: undefined });
});
