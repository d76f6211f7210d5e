import { sql } from 'drizzle-orm';
import { timestamp } from 'drizzle-orm/pg-core';

/** The columns `created_at` and `updated_at`, set when a row is made and changed through the model; to the millisecond. */
export function timestamps() {
  const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3 }).notNull().defaultNow();
  return {
    createdAt: moment('created_at'),
    updatedAt: moment('updated_at').$onUpdate(() => sql`now()`),
  };
}
