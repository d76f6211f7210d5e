import { ServiceError } from '@org/errors';
import { and, asc, desc, getTableColumns, sql, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../open-database.ts';

export interface PageOptions<Table extends PgTable> {
  /**
   * The columns by which the list is ordered, by their names in the model; the last one, such as the id, tells all rows apart.
   * An index over them makes each page as fast as the first. None of them may be null.
   */
  readonly by: readonly (keyof Table['$inferSelect'] & string)[];
  /** Default: `ascending`. */
  readonly order?: 'ascending' | 'descending';
  /** How many rows at most, from 1 up. */
  readonly limit: number;
  /** Where the page before this one ended, as it said so. Default: the first page. */
  readonly cursor?: string | undefined;
  /** Default: all rows. */
  readonly where?: SQL | undefined;
}

/** Some of the rows, and where the others begin. */
export interface Page<Row> {
  readonly items: Row[];
  /** For the next page; missing where this one is the last. */
  readonly nextCursor?: string;
}

/**
 * One page of a list. It goes on behind the last row that was given, whatever was inserted or deleted meanwhile, and does not
 * count through what came before.
 *
 * @throws {RangeError} when `limit` is not an integer from 1 up.
 * @throws {ServiceError} invalid_argument, CURSOR_INVALID, when the cursor is not one of such a list.
 */
export async function page<Table extends PgTable>(
  database: Pick<Database, 'select'>,
  table: Table,
  { by, order = 'ascending', limit, cursor, where }: PageOptions<Table>,
): Promise<Page<Table['$inferSelect']>> {
  if (!(Number.isInteger(limit) && limit >= 1)) {
    throw new RangeError(`Expected \`limit\` to be an integer from 1 up, got \`${limit}\``);
  }
  // Drizzle cannot tell of just any table that it may be read.
  const rowsOf: PgTable = table;
  const all = getTableColumns(table) as Record<string, PgColumn>;
  const columns = by.map((name) => columnOf(all, name));
  const behind = cursor === undefined ? undefined : isBehind(columns, readCursor(cursor, columns.length), order);
  // The values as the database writes them: a `Date` would lose what is below the millisecond.
  const keys = sql<string>`json_build_array(${sql.join(
    columns.map((column) => sql`${column}::text`),
    sql`, `,
  )})::text`;
  const query = database
    .select({ row: all, keys })
    .from(rowsOf)
    .where(and(where, behind))
    .orderBy(...columns.map(order === 'ascending' ? asc : desc))
    .limit(limit + 1);
  const rows = (await query.catch((error: unknown) => {
    // Whoever makes a cursor up may put values into it that the columns cannot have.
    throw behind && error instanceof ServiceError && error.reason === 'VALUE_INVALID' ? cursorInvalid(error) : error;
  })) as { row: Table['$inferSelect']; keys: string }[];
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last;
  return { items: items.map(({ row }) => row), ...(more && { nextCursor: writeCursor(last.keys) }) };
}

function columnOf(columns: Readonly<Record<string, PgColumn>>, name: string): PgColumn {
  const column = columns[name];
  if (column) return column;
  throw new TypeError(`Expected \`by\` to be of ${Object.keys(columns).join(', ')}, got \`${name}\``);
}

/** Row-wise comparison, which an index over the columns answers. The values have the types of the columns. */
function isBehind(columns: readonly PgColumn[], values: readonly string[], order: 'ascending' | 'descending'): SQL {
  const sign = sql.raw(order === 'descending' ? '<' : '>');
  const given = values.map((value) => sql`${value}`);
  return sql`(${sql.join([...columns], sql`, `)}) ${sign} (${sql.join(given, sql`, `)})`;
}

function writeCursor(keys: string): string {
  return Buffer.from(keys).toString('base64url');
}

function readCursor(cursor: string, length: number): string[] {
  try {
    const keys = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    if (Array.isArray(keys) && keys.length === length && keys.every((key) => typeof key === 'string')) return keys;
  } catch {
    // What is no JSON is no cursor either.
  }
  throw cursorInvalid();
}

function cursorInvalid(cause?: ServiceError): ServiceError {
  const message = 'Cannot read the list from there: the cursor is not one of this list. Begin again without a cursor';
  return new ServiceError('invalid_argument', message, { reason: 'CURSOR_INVALID', ...(cause && { cause }) });
}
