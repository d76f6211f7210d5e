import { getTableColumns, sql, type SQL } from 'drizzle-orm';
import type { PgColumn, PgInsertValue, PgTable, PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Database } from '../open-database.ts';

export interface UpsertOptions<Table extends PgTable> {
  /** The columns of a primary key or a unique index: a row with the same ones is changed. */
  readonly target: PgColumn | PgColumn[];
  /** What a row that is there gets instead. Default: all that is given besides the target. */
  readonly set?: PgUpdateSetSource<Table>;
  /** Which rows are changed; the others stay as they are, and are not given. Default: all. */
  readonly setWhere?: SQL;
}

/** Inserts a row, or rows, and changes those that are there already. Gives them as they stand then. */
export async function upsert<Table extends PgTable>(
  database: Pick<Database, 'insert'>,
  table: Table,
  values: PgInsertValue<Table> | PgInsertValue<Table>[],
  { target, set, setWhere }: UpsertOptions<Table>,
): Promise<Table['$inferSelect'][]> {
  const rows = Array.isArray(values) ? values : [values];
  if (rows.length === 0) return [];
  const changes = set ?? givenBesides(table, rows, [target].flat());
  const query = database.insert(table).values(rows);
  const conflict = { target, set: changes, ...(setWhere && { setWhere }) };
  return await query.onConflictDoUpdate(conflict).returning();
}

/** What the statement would have inserted (`excluded`), for each column that some row gives, and those that follow changes. */
function givenBesides<Table extends PgTable>(table: Table, rows: readonly object[], target: readonly PgColumn[]) {
  const given = new Set(rows.flatMap((row) => Object.keys(row)));
  const changes = Object.entries(getTableColumns(table))
    .filter(([key, column]) => given.has(key) && !target.includes(column))
    .map(([key, { name }]) => [key, sql`excluded.${sql.identifier(name)}`]);
  const all = Object.fromEntries(changes) as PgUpdateSetSource<Table>;
  // A statement that changes nothing gives no rows that are there already.
  const [first] = target;
  if (changes.length > 0 || !first) return all;
  const key = Object.entries(getTableColumns(table)).find(([, column]) => column === first)?.[0] as string;
  return { [key]: sql`excluded.${sql.identifier(first.name)}` } as PgUpdateSetSource<Table>;
}
