import { integer, index, pgTable, text, unique, uniqueIndex, varchar } from 'drizzle-orm/pg-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createServiceFolder, type ServiceFolder } from '../../../test-fixtures/service-folder.ts';

// Each check starts an engine.
vi.setConfig({ testTimeout: 60_000 });

let folder: ServiceFolder;
beforeEach(async () => {
  folder = await createServiceFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const customers = pgTable('customers', { id: text().primaryKey() });
const id = () => ({ id: text().primaryKey() });
const generate = async (name: string, models: Record<string, unknown>) => {
  const { text: printed, error } = await folder.run(`generate ${name}`, models);
  if (error) throw error as Error;
  return printed;
};
const sqlOf = async (name: string) => (await folder.migrations()).find((each) => each.name === name)?.sql;
const downOf = async (name: string) => (await folder.migrations()).find((each) => each.name === name)?.down;

test('the first migration makes the tables of the models, and its way back drops them', async () => {
  const orders = pgTable('orders', { ...id(), total: integer().notNull() }, (table) => [
    index('by_total').on(table.total),
  ]);
  expect(await generate('orders', { orders })).toMatch(
    /^wrote .*0001_orders\.ts\nwrote .*index\.ts\nwrote .*snapshot\.json$/,
  );
  expect(folder.read('0001_orders.ts')).toBe(`import type { Migration } from '@org/database';

export const migration: Migration = {
  name: '0001_orders',
  sql: String.raw\`CREATE TABLE "orders" (
  "id" text PRIMARY KEY NOT NULL,
  "total" integer NOT NULL
);
CREATE INDEX "by_total" ON "orders" USING btree ("total");
\`,
  down: String.raw\`DROP TABLE "orders" CASCADE;
\`,
};
`);
  expect(folder.read('index.ts')).toBe(`// Written by \`migration generate\`.
import type { Migration } from '@org/database';
import { migration as m0001_orders } from './0001_orders.ts';

export const migrations: readonly Migration[] = [m0001_orders];
`);
});

test('models that have not changed make no migration, unless an empty one is asked for', async () => {
  await generate('customers', { customers });
  const before = folder.files();
  expect(await generate('again', { customers })).toContain('`--empty`');
  expect(folder.files()).toEqual(before);
  expect(await generate('fill-names --empty', { customers })).toContain('0002_fill_names.ts');
  expect(await sqlOf('0002_fill_names')).toMatch(/^-- /);
  expect(await folder.run('check', { customers })).toMatchObject({ error: undefined });
});

test('what changes a table that has rows locks it for a moment alone', async () => {
  await generate('first', { customers, orders: pgTable('orders', { ...id(), total: integer() }) });
  const orders = pgTable(
    'orders',
    { ...id(), total: integer(), customer: text().references(() => customers.id) },
    (table) => [index('by_customer').on(table.customer), uniqueIndex('by_total').on(table.total)],
  );
  const printed = await generate('orders_customer', { customers, orders });
  expect(printed.split('\n').every((line) => line.startsWith('wrote'))).toBe(true);
  expect(await sqlOf('0002_orders_customer')).toBe(`ALTER TABLE "orders" ADD COLUMN "customer" text;
ALTER TABLE "orders" ADD CONSTRAINT "orders_customer_customers_id_fk" FOREIGN KEY ("customer") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action NOT VALID;
`);
  expect(await sqlOf('0003_orders_customer_validate')).toBe(
    'ALTER TABLE "orders" VALIDATE CONSTRAINT "orders_customer_customers_id_fk";\n',
  );
  expect(await sqlOf('0004_orders_customer_indexes')).toBe(`-- no-transaction
DROP INDEX CONCURRENTLY IF EXISTS "by_customer";
--> statement-breakpoint
CREATE INDEX CONCURRENTLY "by_customer" ON "orders" USING btree ("customer");
--> statement-breakpoint
DROP INDEX CONCURRENTLY IF EXISTS "by_total";
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY "by_total" ON "orders" USING btree ("total");
`);
  expect(await downOf('0004_orders_customer_indexes')).toMatch(/^-- no-transaction\nDROP INDEX CONCURRENTLY/);
  expect(await folder.run('check', { customers, orders })).toMatchObject({ error: undefined });
});

test('an index of a table that nobody has yet is made with it', async () => {
  const orders = pgTable('orders', { ...id(), total: integer() }, (table) => [
    index('by_total').on(table.total).concurrently(),
  ]);
  await generate('first', { orders });
  expect(folder.files()).toEqual(['0001_first.ts', 'index.ts', 'snapshot.json']);
  expect(await sqlOf('0001_first')).toContain('CREATE INDEX "by_total"');
});

test.each([
  ['a column', { orders: pgTable('orders', id()) }, 'public.orders.total'],
  ['a table', {}, 'public.orders'],
  [
    'a column of another type',
    { orders: pgTable('orders', { ...id(), total: varchar({ length: 3 }) }) },
    'public.orders.total',
  ],
])('what does not keep %s has no way back', async (_, models, lost) => {
  await generate('first', { orders: pgTable('orders', { ...id(), total: text() }) });
  expect(await generate('second', models)).toContain(`Nothing undoes it, since it does not keep ${lost}`);
  expect(await downOf('0002_second')).toBeUndefined();
});

test('what is renamed goes and comes, without a question, and the way in two steps is told', async () => {
  await generate('first', { orders: pgTable('orders', { ...id(), total: integer() }) });
  const printed = await generate('second', { orders: pgTable('orders', { ...id(), amount: integer() }) });
  expect(await sqlOf('0002_second')).toBe(`ALTER TABLE "orders" DROP COLUMN "total";
ALTER TABLE "orders" ADD COLUMN "amount" integer;
`);
  expect(printed).toMatch(/0002_second\.ts:5 {2}`orders\.total`: .*release after this one/);
  expect(printed).toContain('-- allow drop-column: …');
});

test('texts stay as they are, whatever is in them', async () => {
  const odd = "`a` ${b} \\` \\\\${c} it's \\";
  const orders = pgTable('orders', { ...id(), note: text().default(odd) });
  await generate('odd', { orders });
  expect(await sqlOf('0001_odd')).toContain(`DEFAULT '${odd.replace("'", "''")}'`);
  expect(await folder.run('check', { orders })).toMatchObject({ error: undefined });
});

test('a long list of migrations is parted into lines', async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) await generate(`${name}_more --empty`, {});
  expect(folder.read('index.ts')).toContain('[\n  m0001_one_more,\n  m0002_two_more,');
  expect(await folder.migrations()).toHaveLength(6);
});

test('a unique constraint of a table that has rows is left to whoever reads how', async () => {
  await generate('first', { orders: pgTable('orders', { ...id(), total: integer() }) });
  const orders = pgTable('orders', { ...id(), total: integer() }, (table) => [unique('once').on(table.total)]);
  expect(await generate('once', { orders })).toMatch(/`orders\.once`: .*`uniqueIndex\(\)`/);
});
