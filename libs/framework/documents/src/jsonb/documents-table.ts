import { sql } from 'drizzle-orm';
import { customType, index, jsonb, pgTable, uniqueIndex } from 'drizzle-orm/pg-core';
import type { CollectionDefinition } from '../definition.ts';
import { indexColumns } from './index-sql.ts';

/** Sorted by code points, so that it goes on where a sorted list stopped, whatever the collation of the database is. */
const identifier = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

/**
 * The table of a collection, for the models of a service, whose migrations make it: one row for each document, `_id` as the
 * primary key, a general index for whatever is equal, and the indexes of the collection.
 */
export function documentsTable({ name, indexes }: CollectionDefinition) {
  return pgTable(
    name,
    {
      id: identifier().generatedAlwaysAs(sql.raw(`(doc ->> '_id')`)).primaryKey(),
      doc: jsonb().notNull(),
    },
    ({ doc }) => [
      index(`${name}_doc`).using('gin', doc.op('jsonb_path_ops')),
      ...indexes.flatMap((each) => {
        const [first, ...others] = indexColumns(each) ?? [];
        if (!first) return [];
        return [(each.unique ? uniqueIndex(each.name) : index(each.name)).on(first, ...others)];
      }),
    ],
  );
}
