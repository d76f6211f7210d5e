import { ServiceError } from '@org/errors';
import { and, eq, getTableName, sql, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable, PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Database } from '../open-database.ts';

/** A table with the column of `version()`. */
export type VersionedTable = PgTable & { readonly version: PgColumn };

/**
 * Changes the row that `where` finds, and gives it, if it still is of the version that the caller has read. Two who read the
 * same row cannot undo each other's change that way, although neither locks it.
 *
 * @throws {ServiceError} aborted, VERSION_CHANGED, when somebody changed it meanwhile: read again and decide anew;
 *   not_found, ROW_MISSING, when there is none.
 */
export async function updateVersion<Table extends VersionedTable>(
  database: Pick<Database, 'update' | 'select'>,
  table: Table,
  { where, version, set }: { where: SQL; version: number; set: PgUpdateSetSource<Table> },
): Promise<Table['$inferSelect']> {
  const changes = { ...set, version: sql`${table.version} + 1` } as PgUpdateSetSource<Table>;
  const found = and(where, eq(table.version, version));
  const [row] = (await database.update(table).set(changes).where(found).returning()) as Table['$inferSelect'][];
  if (row) return row;
  const name = getTableName(table);
  // Drizzle cannot tell of just any table that it may be read.
  const rowsOf: PgTable = table;
  const [present] = await database.select({ version: table.version }).from(rowsOf).where(where);
  if (!present) {
    throw new ServiceError('not_found', `Cannot change a row of \`${name}\`: there is none`, { reason: 'ROW_MISSING' });
  }
  const why = `it was changed since version ${version} was read. Read it again`;
  throw new ServiceError('aborted', `Cannot change a row of \`${name}\`: ${why}`, {
    reason: 'VERSION_CHANGED',
    details: { version: present.version },
  });
}
