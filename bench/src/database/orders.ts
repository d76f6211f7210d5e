import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/** What is read and inserted, by both sides. */
export const orders = pgTable('orders', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  customerId: text('customer_id').notNull(),
  total: integer().notNull(),
  currency: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});

/** How many rows are there to be read. */
export const rows = 10_000;

export const migrations = [
  {
    name: '0001_orders',
    sql: `CREATE TABLE orders (
      id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, customer_id text NOT NULL, total integer NOT NULL,
      currency text NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
    );
    INSERT INTO orders (customer_id, total, currency) SELECT 'c' || number, number, 'EUR' FROM generate_series(1, ${rows}) AS number;
    ANALYZE orders`,
  },
];

/** The values of a new order. */
export const order = { customerId: '0f8b7c1e-58d2-4c1b-9a54-3c1f0a7e21d4', total: 1_999, currency: 'EUR' };
