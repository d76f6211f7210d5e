import { sql } from 'drizzle-orm';
import { bigint, index, integer, json, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * What `database.outbox` keeps until a relay has handed it to the broker. A service that publishes has it among its models:
 * `export { outbox } from '@org/database'`.
 */
export const outbox = pgTable(
  'outbox',
  {
    /** Events of one key have their positions in the order of their commits. */
    position: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    /** `event` or `command`. */
    kind: text().notNull(),
    key: text(),
    /** In the JSON format of CloudEvents. */
    event: json().notNull(),
    publishedAt: timestamp('published_at', { withTimezone: true })
      .notNull()
      .default(sql`clock_timestamp()`),
    /** How often the broker did not take it. */
    attempts: integer().notNull().default(0),
    /** Until when it waits after that, and whatever has the same key behind it; `infinity` where it was set aside. */
    retryAt: timestamp('retry_at', { withTimezone: true, mode: 'string' }),
    lastError: text('last_error'),
  },
  ({ key, position, retryAt }) => [
    index('outbox_key')
      .on(key, position)
      .where(sql`${key} IS NOT NULL`),
    index('outbox_retry_at')
      .on(retryAt)
      .where(sql`${retryAt} IS NOT NULL`),
  ],
);
