import { sql, type SQL } from 'drizzle-orm';
import { dateName } from './encode.ts';
import { isIndex, type Segments } from '../fields.ts';

/** Values at a path that may lead through arrays. */
export interface Candidates {
  /** A query of all of them, by the name `value`. With `elements`, those of an array at the end instead of the array. */
  query(options: { elements: boolean }): SQL;
  /** A condition: something of the path is missing. Elements of an array that are no documents have nothing to miss. */
  readonly missing: SQL;
  readonly exists: SQL;
}

/**
 * The values at a path as MongoDB finds them: an array on the way stands for each of its elements, though not for those of
 * arrays in it, as `jsonpath` has it in its lax mode. Up to its last index, a path enters arrays by index alone.
 */
export function candidatesAt(document: SQL, path: Segments): Candidates {
  const indexed = path.findLastIndex(isIndex) + 1;
  const base = indexed === 0 ? document : sql`(${document} #> ${sql.param(path.slice(0, indexed))}::text[])`;
  const names = path.slice(indexed);
  const from = (length: number, elements: boolean) =>
    sql`jsonb_path_query(${base}, ${jsonPath(names.slice(0, length), elements)}::jsonpath) AS found(value)`;
  const query: Candidates['query'] = ({ elements }) => sql`SELECT value FROM ${from(names.length, elements)}`;
  const lacking = names.flatMap((name, length) => [
    sql`EXISTS (SELECT FROM ${from(length, true)} WHERE jsonb_typeof(value) = 'object' AND NOT value ?| ${lackedBy(name)}::text[])`,
    ...(length === 0 && indexed === 0
      ? []
      : [
          sql`EXISTS (SELECT FROM ${from(length, false)} WHERE jsonb_typeof(value) NOT IN ('object', 'array') OR value ? ${dateName}::text)`,
        ]),
  ]);
  const missing = [...(indexed === 0 ? [] : [sql`${base} IS NULL`]), ...lacking];
  return {
    query,
    missing: sql`(${sql.join(missing, sql` OR `)})`,
    exists: sql`coalesce(jsonb_path_exists(${base}, ${jsonPath(names, false)}::jsonpath), false)`,
  };
}

/** What an embedded document has that does not lack a field: that, or what makes it a date. */
function lackedBy(name: string): SQL {
  return sql`${sql.param([name, dateName])}`;
}

/** A path in PostgreSQL's notation, to be sent as a parameter. Each name is a text of JSON in it. */
function jsonPath(names: Segments, elements: boolean): string {
  return `$${names.map((name) => `.${JSON.stringify(name)}`).join('')}${elements ? '[*]' : ''}`;
}
