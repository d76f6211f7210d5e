import { getTableColumns, type InferInsertModel, type InferSelectModel } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../open-database.ts';

/** Makes rows of one table; what a test does not care about has a default. */
export interface Factory<Table extends PgTable> {
  /** A row that is in no database. */
  build(overrides?: Partial<InferInsertModel<Table>>): InferInsertModel<Table>;
  /** Inserts a row, and gives it as it is stored. */
  create(database: Inserting, overrides?: Partial<InferInsertModel<Table>>): Promise<InferSelectModel<Table>>;
  /** Inserts so many rows, and gives them in order. */
  createMany(
    database: Inserting,
    count: number,
    overrides?: Partial<InferInsertModel<Table>>,
  ): Promise<InferSelectModel<Table>[]>;
}

type Inserting = Pick<Database, 'insert'>;

/** How many parameters a statement has at most; the protocol has room for 65 535, and few statements are as fast. */
const mostParameters = 5_000;

/**
 * Defines how rows of a table are made for tests.
 *
 * @param defaults Gives what a row has unless a test says otherwise, by a number that counts the rows of this factory from 1.
 * @example
 * const someOrder = defineFactory(orders, (number) => ({ id: `o${number}`, total: 100 }));
 * const paid = await someOrder.create(database, { paid: true });
 */
export function defineFactory<Table extends PgTable>(
  table: Table,
  defaults: (number: number) => NoInfer<InferInsertModel<Table>>,
): Factory<Table> {
  let made = 0;
  const build: Factory<Table>['build'] = (overrides) => ({ ...defaults((made += 1)), ...overrides });
  const createMany: Factory<Table>['createMany'] = async (database, count, overrides) => {
    const rows = Array.from({ length: count }, () => build(overrides));
    const atOnce = Math.floor(mostParameters / Object.keys(getTableColumns(table)).length);
    const stored: InferSelectModel<Table>[] = [];
    for (let begin = 0; begin < rows.length; begin += atOnce) {
      const inserted = await database
        .insert(table as PgTable)
        .values(rows.slice(begin, begin + atOnce))
        .returning();
      stored.push(...(inserted as typeof stored));
    }
    return stored;
  };
  return {
    build,
    createMany,
    create: async (database, overrides) => (await createMany(database, 1, overrides))[0]!,
  };
}
