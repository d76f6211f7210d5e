import { sql, type SQL } from 'drizzle-orm';
import type { ParsedFilter } from '../filter/filter-tree.ts';
import { project } from '../projection.ts';
import type { FindAndUpdateRequest } from '../store.ts';
import type { PlainDocument } from '../values.ts';
import type { DocumentDatabase, Table } from './table.ts';
import { lockOne } from './write.ts';

/** Deletes what a filter finds; in the transaction of whoever calls it, or of its own. Gives how many. */
export async function remove(
  table: Table,
  filter: ParsedFilter,
  { many }: { readonly many: boolean },
): Promise<number> {
  if (many) return table.count(sql`DELETE FROM ${table.name} ${table.where(filter.tree)}`);
  const locked = await lockOne(table, filter, []);
  return locked ? table.count(byId(table, locked.id)) : 0;
}

export function findAndDelete(
  database: DocumentDatabase,
  table: Table,
  { filter, sort, projection }: Pick<FindAndUpdateRequest, 'filter' | 'sort' | 'projection'>,
): Promise<PlainDocument | undefined> {
  return database.transaction(async () => {
    const locked = await lockOne(table, filter, sort);
    if (!locked) return undefined;
    await table.count(byId(table, locked.id));
    return project(locked.document, projection);
  });
}

function byId(table: Table, id: string): SQL {
  return sql`DELETE FROM ${table.name} WHERE id = ${id}`;
}
