import type { Kit, Named, Snapshot, SnapshotTable } from './kit.ts';

/**
 * The statements that lead from some models to others. What goes and what comes are separate steps, so that nothing is taken
 * for renamed, about which drizzle-kit would ask.
 */
export async function differenceOf(kit: Kit, from: Snapshot, to: Snapshot): Promise<string[]> {
  const statements: string[] = [];
  let before = from;
  for (const after of [withoutChanged(from, to), withoutGone(from, to), withTypes(from, to), withGone(from, to), to]) {
    statements.push(...(await kit.generateMigration(before, after)));
    before = after;
  }
  return statements.map(namePrimaryKey);
}

/** drizzle-kit leaves it to the reader to name the primary key of one column, which PostgreSQL has named after the table. */
function namePrimaryKey(statement: string): string {
  const [, schema, table] =
    /^\/\*[\s\S]*table_schema = '(.+)'\s+AND table_name = '(.+)'[\s\S]*\*\//.exec(statement) ?? [];
  if (schema === undefined || table === undefined) return statement;
  const place = schema === 'public' ? `"${table}"` : `"${schema}"."${table}"`;
  return `ALTER TABLE ${place} DROP CONSTRAINT "${table}_pkey";`;
}

/** Constraints, indexes and views go before what they are about. */
function withoutChanged(from: Snapshot, to: Snapshot): Snapshot {
  const tables = mapValues(from.tables, (table, key) => {
    const other = to.tables[key];
    return other ? withoutChangedRules(table, other) : table;
  });
  return { ...from, tables, views: onlySame(from.views, to.views), policies: onlyKnown(from.policies, to.policies) };
}

function withoutChangedRules(table: SnapshotTable, other: SnapshotTable): SnapshotTable {
  return {
    ...table,
    indexes: onlySame(table.indexes, other.indexes),
    foreignKeys: onlySame(table.foreignKeys, other.foreignKeys),
    compositePrimaryKeys: onlySame(table.compositePrimaryKeys, other.compositePrimaryKeys),
    uniqueConstraints: onlySame(table.uniqueConstraints, other.uniqueConstraints),
    checkConstraints: onlySame(table.checkConstraints, other.checkConstraints),
    policies: onlyKnown(table.policies, other.policies),
  };
}

function withoutGone(from: Snapshot, to: Snapshot): Snapshot {
  const less = withoutChanged(from, to);
  const tables = mapValues(onlyKnown(less.tables, to.tables), (table, key) => ({
    ...table,
    columns: onlyKnown(table.columns, (to.tables[key] as SnapshotTable).columns),
  }));
  return { ...less, tables };
}

/** Types change while all columns of theirs are there, and before there are others. */
function withTypes(from: Snapshot, to: Snapshot): Snapshot {
  return { ...withoutGone(from, to), enums: mapValues(from.enums, (type, key) => to.enums[key] ?? type) };
}

/** What columns may still be of goes last. */
function withGone(from: Snapshot, to: Snapshot): Snapshot {
  return {
    ...to,
    enums: { ...from.enums, ...to.enums },
    schemas: { ...from.schemas, ...to.schemas },
    sequences: { ...from.sequences, ...to.sequences },
    roles: { ...from.roles, ...to.roles },
  };
}

function onlyKnown<Value>(values: Named<Value>, known: Named<unknown>): Named<Value> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key in known));
}

function onlySame<Value>(values: Named<Value>, others: Named<Value>): Named<Value> {
  const same = ([key, value]: [string, Value]) => JSON.stringify(value) === JSON.stringify(others[key]);
  return Object.fromEntries(Object.entries(values).filter(same));
}

function mapValues<Value>(values: Named<Value>, map: (value: Value, key: string) => Value): Named<Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
}
