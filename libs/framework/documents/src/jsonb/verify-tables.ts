import { sql } from 'drizzle-orm';
import type { CollectionDefinition } from '../definition.ts';
import { collectionMissing, indexMissing } from '../document-errors.ts';
import { indexColumns } from './index-sql.ts';
import type { DocumentDatabase } from './table.ts';

/** Sees that migrations have made the tables of collections and their indexes. */
export async function verifyTables(
  database: DocumentDatabase,
  collections: readonly CollectionDefinition[],
): Promise<void> {
  for (const { name, indexes } of collections) {
    // As statements find it: by the search path.
    const table = sql`to_regclass(quote_ident(${name}))`;
    const { rows } = await database.execute<{ found: string[] | null; doc: boolean }>(
      sql`SELECT (SELECT array_agg(relname::text) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = ${table}) AS found,
        EXISTS (SELECT FROM pg_attribute WHERE attrelid = ${table} AND attname = 'doc' AND NOT attisdropped) AS doc`,
    );
    const [row] = rows;
    if (!row?.doc) throw collectionMissing(name);
    const missing = indexes.find((index) => indexColumns(index) && !row.found?.includes(index.name));
    if (missing) throw indexMissing(name, missing.name);
  }
}
