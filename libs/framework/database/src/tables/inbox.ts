import { index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * What `database.inbox` has seen done. A service that consumes with it has it among its models:
 * `export { inbox } from '@org/database'`.
 */
export const inbox = pgTable(
  'inbox',
  {
    /** The name of the subscription. */
    consumer: text().notNull(),
    /** The id of the event. */
    id: text().notNull(),
    doneAt: timestamp('done_at', { withTimezone: true }).notNull().defaultNow(),
  },
  ({ consumer, id, doneAt }) => [primaryKey({ columns: [consumer, id] }), index('inbox_done_at').on(doneAt)],
);
