import { index, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * What `database.idempotency` has answered. A service that serves with it has it among its models:
 * `export { idempotencyKeys } from '@org/database'`.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    key: text().primaryKey(),
    /** Of the request that came with it. */
    fingerprint: text().notNull(),
    /** JSON as it was given; null where there was nothing to give. */
    answer: text(),
    answeredAt: timestamp('answered_at', { withTimezone: true }).notNull().defaultNow(),
  },
  ({ answeredAt }) => [index('idempotency_keys_answered_at').on(answeredAt)],
);
