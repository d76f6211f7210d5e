import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { Migration } from '@org/database';

export { inbox, outbox } from '@org/database';

/** How many orders a customer has placed. */
export const customers = pgTable('customers', { id: text().primaryKey(), orders: integer().notNull() });

export const orders = pgTable('orders', {
  id: text().primaryKey(),
  customer: text().notNull(),
  number: integer().notNull(),
});

/** What came of each order, in the order in which it came. Nothing in it would refuse what comes twice. */
export const effects = pgTable('effects', {
  position: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  id: text().notNull(),
  customer: text().notNull(),
  number: integer().notNull(),
});

export const migrations: readonly Migration[] = [
  {
    name: '0001_all',
    sql: `
      CREATE TABLE customers (id text PRIMARY KEY, orders integer NOT NULL);
      CREATE TABLE orders (id text PRIMARY KEY, customer text NOT NULL, number integer NOT NULL);
      CREATE TABLE effects (position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
        id text NOT NULL, customer text NOT NULL, number integer NOT NULL);
      CREATE TABLE outbox (position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, kind text NOT NULL, key text,
        event json NOT NULL, published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        attempts integer NOT NULL DEFAULT 0, retry_at timestamptz, last_error text);
      CREATE INDEX outbox_key ON outbox (key, position) WHERE key IS NOT NULL;
      CREATE INDEX outbox_retry_at ON outbox (retry_at) WHERE retry_at IS NOT NULL;
      CREATE TABLE inbox (consumer text NOT NULL, id text NOT NULL, done_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, id));
      CREATE INDEX inbox_done_at ON inbox (done_at);`,
  },
];
