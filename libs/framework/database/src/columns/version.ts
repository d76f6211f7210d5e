import { integer } from 'drizzle-orm/pg-core';

/** The column `version`: 1 for a new row, one more with each `updateVersion`. */
export function version() {
  return integer('version').notNull().default(1);
}
