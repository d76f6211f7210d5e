import { sql } from 'drizzle-orm';
import { resultTooLarge } from '../document-errors.ts';
import type { CollectionDefinition } from '../definition.ts';
import type { CollectionStore, DocumentStore } from '../store.ts';
import { bulk } from './bulk.ts';
import { candidatesAt } from './candidates.ts';
import { findAndUpdate, update } from './change.ts';
import { decode } from './encode.ts';
import { bounds, findBatches } from './find.ts';
import { createIndexStatement } from './index-sql.ts';
import { documentColumn } from './operand.ts';
import { findAndDelete, remove } from './remove.ts';
import { createTable, type DocumentDatabase } from './table.ts';
import { verifyTables } from './verify-tables.ts';
import { insert, orDuplicate } from './write.ts';

/**
 * Documents in tables of the database, which is somebody else's to close and to look after.
 *
 * @throws {ServiceError} failed_precondition when a table or an index is missing.
 */
export async function openJsonbStore(
  database: DocumentDatabase,
  collections: readonly CollectionDefinition[],
): Promise<DocumentStore> {
  await verifyTables(database, collections);
  return {
    collection: (definition) => createJsonbCollection(database, definition),
    [Symbol.asyncDispose]: async () => {},
  };
}

function createJsonbCollection(database: DocumentDatabase, definition: CollectionDefinition): CollectionStore {
  const table = createTable(database, definition);
  return {
    insert: (document) => insert(table, [document]),
    find: (query) => findBatches(table, query),
    async count(filter, { skip, limit = Infinity }) {
      const found = sql`SELECT 1 FROM ${table.name} ${table.where(filter.tree)} ${bounds(limit, skip)}`;
      const [row] = await table.rows<{ count: string }>(sql`SELECT count(*) AS count FROM (${found}) AS found`);
      return Number(row?.count);
    },
    async distinct(path, filter, maximum) {
      const values = candidatesAt(documentColumn, path).query({ elements: true });
      const rows = await table.rows<{ value: unknown }>(
        sql`SELECT DISTINCT each.value FROM ${table.name} CROSS JOIN LATERAL (${values}) AS each ${table.where(filter.tree)} LIMIT ${maximum + 1}::int`,
      );
      if (rows.length > maximum) throw resultTooLarge(`list the values of \`${path.join('.')}\``, maximum);
      return rows.map(({ value }) => decode(value));
    },
    update: (request) => update(database, table, request),
    findAndUpdate: (request) => findAndUpdate(database, table, request),
    findAndDelete: (request) => findAndDelete(database, table, request),
    delete: (filter, options) =>
      options.many ? remove(table, filter, options) : database.transaction(() => remove(table, filter, options)),
    bulk: (operations, options) => bulk(database, table, operations, options),
    async createIndex(index) {
      const statement = createIndexStatement(definition.name, index);
      if (statement) await orDuplicate(table, `make an index of \`${definition.name}\``, () => table.count(statement));
    },
  };
}
