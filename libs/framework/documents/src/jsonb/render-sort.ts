import { sql, type SQL } from 'drizzle-orm';
import type * as z from 'zod';
import { shapeAt } from '../shape.ts';
import type { Sort } from '../store.ts';
import { candidatesAt } from './candidates.ts';
import { dateName } from './encode.ts';
import { ordered } from './index-sql.ts';
import { documentColumn, idColumn, operandAt, sortedBy } from './operand.ts';

/** `ORDER BY` and what follows it; nothing where no order is asked for. */
export function renderSort(schema: z.core.$ZodType, sort: Sort): SQL {
  if (sort.length === 0) return sql``;
  const keys = sort.map(({ path, order }) => {
    if (path.join() === '_id') return ordered(idColumn, order);
    const { arrays, kind } = shapeAt(schema, path);
    if (arrays || kind === 'other')
      return ordered(ranked(candidatesAt(documentColumn, path).query({ elements: true }), order), order);
    return ordered(sortedBy(operandAt(documentColumn, path, kind), kind), order);
  });
  return sql`ORDER BY ${sql.join(keys, sql`, `)}`;
}

/** The least or the greatest of the values, by the order of all types. Nothing is as good as `null`. */
function ranked(values: SQL, order: 1 | -1): SQL {
  const isDate = sql`value ? ${dateName}::text`;
  const rank = sql`CASE jsonb_typeof(value) WHEN 'null' THEN 1 WHEN 'number' THEN 2 WHEN 'string' THEN 3
    WHEN 'array' THEN 5 WHEN 'boolean' THEN 8 ELSE CASE WHEN ${isDate} THEN 9 ELSE 4 END END`;
  const number = sql`CASE jsonb_typeof(value) WHEN 'number' THEN value::numeric ELSE 0 END`;
  const text = sql`CASE WHEN jsonb_typeof(value) IN ('null', 'number') THEN ''::text
    WHEN ${isDate} THEN value ->> ${dateName}::text ELSE value #>> '{}' END COLLATE "C"`;
  const key = sql`SELECT ROW(${rank}, ${number}, ${text}) AS key FROM (${values}) AS found`;
  return sql`coalesce((${key} ORDER BY key ${order === 1 ? sql`ASC` : sql`DESC`} LIMIT 1), ROW(1, 0::numeric, ''::text COLLATE "C"))`;
}
