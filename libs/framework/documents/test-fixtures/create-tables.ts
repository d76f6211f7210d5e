import { SQL, sql } from 'drizzle-orm';
import { getTableConfig, PgDialect, type IndexedColumn } from 'drizzle-orm/pg-core';
import { documentsTable, type CollectionDefinition } from '../src/index.ts';

const dialect = new PgDialect();

/** What a migration generated from the table of a collection does. */
export function createTables(definition: CollectionDefinition): SQL[] {
  const { name, columns, indexes } = getTableConfig(documentsTable(definition));
  const text = (given: SQL) => dialect.sqlToQuery(given, 'indexes').sql;
  const fields = columns.map((column) => {
    const generated = column.generated ? ` GENERATED ALWAYS AS (${text(column.generated.as as SQL)}) STORED` : '';
    return `"${column.name}" ${column.getSQLType()}${column.primary ? ' PRIMARY KEY' : ''}${generated} NOT NULL`;
  });
  const statements = indexes.map(({ config }) => {
    const on = config.columns.map((column) => {
      if (column instanceof SQL) return text(column);
      const { name: of, indexConfig } = column as IndexedColumn;
      return `"${of}" ${indexConfig.opClass}`;
    });
    return `CREATE ${config.unique ? 'UNIQUE ' : ''}INDEX "${config.name}" ON "${name}" USING ${config.method} (${on.join(', ')})`;
  });
  return [`CREATE TABLE "${name}" (${fields.join(', ')})`, ...statements].map((statement) => sql.raw(statement));
}
