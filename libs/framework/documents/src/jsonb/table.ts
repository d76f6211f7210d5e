import type { Database } from '@org/database';
import { sql, type SQL } from 'drizzle-orm';
import type { CollectionDefinition } from '../definition.ts';
import type { FilterTree } from '../filter/filter-tree.ts';
import type { Projection } from '../projection.ts';
import type { Sort } from '../store.ts';
import { renderFilter, rowScope } from './render-filter.ts';
import { renderSort } from './render-sort.ts';

/** What is used of a database. */
export type DocumentDatabase = Pick<Database, 'execute' | 'transaction'>;

/** The table of a collection: its name and what is asked of it, as parts of statements. */
export interface Table {
  readonly collection: string;
  readonly name: SQL;
  where(tree: FilterTree): SQL;
  orderBy(sort: Sort): SQL;
  /** The document, without the fields of the first level that a projection leaves out. */
  selected(projection: Projection | undefined): SQL;
  rows<Row extends Record<string, unknown>>(statement: SQL): Promise<Row[]>;
  /** How many rows a statement has changed. */
  count(statement: SQL): Promise<number>;
}

export function createTable(database: DocumentDatabase, { name, schema, indexes }: CollectionDefinition): Table {
  // Those alone: an index is of use where the condition is on its first field.
  const scope = rowScope(
    schema,
    indexes.flatMap(({ keys }) =>
      keys[0]?.arrays || keys[0]?.kind === 'other' ? [] : [keys[0]?.path.join('.') ?? ''],
    ),
  );
  return {
    collection: name,
    name: sql.identifier(name) as unknown as SQL,
    where: (tree) => sql`WHERE (${renderFilter(scope, tree)})`,
    orderBy: (sort) => renderSort(schema, sort),
    selected(projection) {
      if (!projection) return sql`doc`;
      const { kind, paths, withId } = projection;
      if (kind === 'exclude') {
        const whole = paths.filter(({ length }) => length === 1).flat();
        return whole.length === 0 ? sql`doc` : sql`doc - ${sql.param(whole)}::text[] AS doc`;
      }
      const names = [...new Set([...(withId ? ['_id'] : []), ...paths.map(([first]) => first as string)])];
      const fields = sql`SELECT jsonb_object_agg(key, value) FROM jsonb_each(doc) WHERE key = ANY(${sql.param(names)}::text[])`;
      return sql`coalesce((${fields}), '{}') AS doc`;
    },
    async rows<Row extends Record<string, unknown>>(statement: SQL) {
      return (await database.execute<Row>(statement)).rows;
    },
    count: async (statement) => (await database.execute(statement)).rowCount ?? 0,
  };
}
