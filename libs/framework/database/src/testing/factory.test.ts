import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import { defineFactory } from './factory.ts';
import { createTestDatabases } from './test-databases.ts';

const orders = pgTable('orders', {
  id: text().primaryKey(),
  total: integer().notNull(),
  note: text(),
  state: text().notNull().default('open'),
});
const migrations = [
  {
    name: '0001_orders',
    sql: `CREATE TABLE orders (id text PRIMARY KEY, total integer NOT NULL, note text, state text NOT NULL DEFAULT 'open')`,
  },
];
const databases = createTestDatabases({ models: { orders }, migrations }, {});
const factory = () => defineFactory(orders, (number) => ({ id: `o${number}`, total: 100 }));

test('a factory gives each row what the others do not have, and what a test asks for', () => {
  const someOrder = factory();
  expect([someOrder.build(), someOrder.build({ total: 1, note: 'mine' })]).toEqual([
    { id: 'o1', total: 100 },
    { id: 'o2', total: 1, note: 'mine' },
  ]);
  // @ts-expect-error The model has no such column.
  someOrder.build({ price: 1 });
  // @ts-expect-error Each row needs a total.
  defineFactory(orders, (number) => ({ id: `o${number}` }));
});

test('a factory inserts rows and gives them as they are stored', async () => {
  await using database = await databases.open();
  const someOrder = factory();
  const one = await someOrder.create(database, { note: 'mine' });
  expect(one).toEqual({ id: 'o1', total: 100, note: 'mine', state: 'open' });
  // More than one statement takes.
  const many = await someOrder.createMany(database, 2_000, { state: 'paid' });
  expect(many.map(({ id }) => id)).toEqual(Array.from({ length: 2_000 }, (_, index) => `o${index + 2}`));
  expect(many[0]).toEqual({ id: 'o2', total: 100, note: null, state: 'paid' });
  expect(await database.$count(orders)).toBe(2_001);
  expect(await someOrder.createMany(database, 0)).toEqual([]);
});
