import { sql, type SQL } from 'drizzle-orm';
import type { Index, IndexKey } from '../indexes.ts';
import type { Kind } from '../shape.ts';
import { dateName } from './encode.ts';
import { idColumn, operandOf, sortedBy } from './operand.ts';

/**
 * The columns of an index over what filters and sorts compare; `undefined` where the general index has to do: it answers what
 * arrays hold, and what has no type of its own.
 */
export function indexColumns({ keys }: Index): SQL[] | undefined {
  const columns = keys.map(columnOf);
  return columns.some((column) => column === undefined) ? undefined : (columns as SQL[]);
}

function columnOf(key: IndexKey): SQL | undefined {
  const { path, kind, order, arrays } = key;
  if (path.join() === '_id') return ordered(idColumn, order);
  if (arrays || kind === 'other') return undefined;
  const at = (segments: readonly string[]) => sql.raw(`'{${segments.join(',')}}'::text[]`);
  const operand = operandOf(sql`doc`, at(path), at([...path, dateName]), kind);
  return ordered(expressionOf(operand, kind), order);
}

function expressionOf(operand: ReturnType<typeof operandOf>, kind: Exclude<Kind, 'other'>): SQL {
  const sorted = sortedBy(operand, kind);
  return kind === 'number' || kind === 'boolean' ? sql`(${sorted})` : sorted;
}

/** What is missing comes before everything else, as in MongoDB. */
export function ordered(expression: SQL, order: 1 | -1): SQL {
  return order === 1 ? sql`${expression} ASC NULLS FIRST` : sql`${expression} DESC NULLS LAST`;
}

/** The statement that makes an index, where it is not there yet. It takes no parameters. */
export function createIndexStatement(table: string, index: Index): SQL | undefined {
  const columns = indexColumns(index);
  if (!columns) return undefined;
  const unique = index.unique ? sql`UNIQUE ` : sql``;
  const name = sql.identifier(index.name);
  return sql`CREATE ${unique}INDEX IF NOT EXISTS ${name} ON ${sql.identifier(table)} (${sql.join(columns, sql`, `)})`;
}
