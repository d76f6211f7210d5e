import { Column, SQL, Subquery, Table, getTableName, is } from 'drizzle-orm';
import type { PgSession } from 'drizzle-orm/pg-core';

/** What Drizzle reads of each row, in the order of the columns. */
export type Fields = NonNullable<Parameters<PgSession['prepareQuery']>[1]>;
/** Whether the rows of a table, by its name, are there in each row of a join. */
export type Joined = Readonly<Record<string, boolean>>;

interface Decoder {
  mapFromDriverValue(value: unknown): unknown;
}
type Made = Record<string, unknown>;

/** Gives what makes an object of a row, as Drizzle does; that looks at each field of each row anew. */
export function createRowMapper(fields: Fields, joined: Joined | undefined): (row: readonly unknown[]) => Made {
  const columns = fields.map(({ path, field }) => ({
    parents: path.slice(0, -1),
    name: path.at(-1)!,
    decoder: decoderOf(field),
  }));
  const absent = joined ? [...absentOf(fields, joined)] : [];
  return (row) => {
    const made: Made = {};
    for (let index = 0; index < columns.length; index += 1) {
      const { parents, name, decoder } = columns[index]!;
      let target = made;
      for (const parent of parents) target = (target[parent] ??= {}) as Made;
      const value = row[index];
      target[name] = value === null ? null : decoder.mapFromDriverValue(value);
    }
    for (const [name, indexes] of absent) if (indexes.every((index) => row[index] === null)) made[name] = null;
    return made;
  };
}

/** The objects that are `null` where a join found no row, each with the columns that tell. */
function absentOf(fields: Fields, joined: Joined): Map<string, number[]> {
  const parts = new Map<string, { tables: Set<string>; indexes: number[] }>();
  for (const [index, { path, field }] of fields.entries()) {
    if (path.length !== 2 || !is(field, Column)) continue;
    const part = parts.get(path[0]!) ?? { tables: new Set(), indexes: [] };
    parts.set(path[0]!, part);
    part.tables.add(getTableName(field.table as Table));
    part.indexes.push(index);
  }
  const absent = [...parts].filter(
    ([
      ,
      {
        tables: [table, other],
      },
    ]) => other === undefined && !joined[table!],
  );
  return new Map(absent.map(([name, { indexes }]) => [name, indexes]));
}

/** Drizzle's types leave out how it reads what is no column. */
function decoderOf(field: Fields[number]['field']): Decoder {
  if (is(field, Column)) return field;
  const { decoder } = (is(field, SQL) ? field : is(field, Subquery) ? field._.sql : field.sql) as unknown as {
    decoder: Decoder;
  };
  return decoder;
}
