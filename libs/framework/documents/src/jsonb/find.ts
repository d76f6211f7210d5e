import { sql, type SQL } from 'drizzle-orm';
import { resultTooLarge } from '../document-errors.ts';
import { project } from '../projection.ts';
import type { FindQuery } from '../store.ts';
import type { PlainDocument } from '../values.ts';
import { decodeDocument } from './encode.ts';
import type { Table } from './table.ts';

/** How many documents a sorted cursor goes through at most: their places are found at once. */
const maximumSorted = 100_000;

type Row = { doc: unknown };

/** Documents in batches. No connection is held between two of them. */
export async function* findBatches(table: Table, query: FindQuery): AsyncGenerator<readonly PlainDocument[]> {
  const { limit = Infinity, batchSize } = query;
  if (limit <= batchSize) yield await findOnce(table, query, limit);
  else if (query.sort.length === 0) yield* inOrderOfIds(table, query);
  else yield* inOrder(table, query);
}

async function findOnce(table: Table, query: FindQuery, limit: number): Promise<PlainDocument[]> {
  const { filter, sort, projection, skip } = query;
  const rows = await table.rows<Row>(
    sql`SELECT ${table.selected(projection)} FROM ${table.name} ${table.where(filter.tree)} ${table.orderBy(sort)} ${bounds(limit, skip)}`,
  );
  return rows.map(({ doc }) => project(decodeDocument(doc), projection));
}

/** Each batch goes on behind the last document of the one before. */
async function* inOrderOfIds(table: Table, query: FindQuery): AsyncGenerator<readonly PlainDocument[]> {
  const { filter, projection, limit = Infinity, batchSize } = query;
  let { skip } = query;
  let after: string | undefined;
  for (let left = limit; left > 0;) {
    const size = Math.min(left, batchSize);
    const behind = after === undefined ? sql`` : sql`AND id > ${after}`;
    const rows = await table.rows<Row & { id: string }>(
      sql`SELECT id, ${table.selected(projection)} FROM ${table.name} ${table.where(filter.tree)} ${behind}
        ORDER BY id ${bounds(size, skip)}`,
    );
    if (rows.length > 0) yield rows.map(({ doc }) => project(decodeDocument(doc), projection));
    if (rows.length < size) return;
    after = rows.at(-1)?.id;
    skip = 0;
    left -= size;
  }
}

/** The order is found once, and the documents are fetched by their ids: those that still are what is asked for. */
async function* inOrder(table: Table, query: FindQuery): AsyncGenerator<readonly PlainDocument[]> {
  const { filter, sort, projection, limit = Infinity, skip, batchSize } = query;
  const where = table.where(filter.tree);
  const found = await table.rows<{ id: string }>(
    sql`SELECT id FROM ${table.name} ${where} ${table.orderBy(sort)} ${bounds(Math.min(limit, maximumSorted + 1), skip)}`,
  );
  if (found.length > maximumSorted) throw resultTooLarge(`sort documents of \`${table.collection}\``, maximumSorted);
  for (let start = 0; start < found.length; start += batchSize) {
    const ids = found.slice(start, start + batchSize).map(({ id }) => id);
    const rows = await table.rows<Row & { id: string }>(
      sql`SELECT id, ${table.selected(projection)} FROM ${table.name} ${where} AND id = ANY(${sql.param(ids)}::text[])`,
    );
    const byId = new Map(rows.map(({ id, doc }) => [id, doc]));
    const there = ids.filter((id) => byId.has(id));
    if (there.length > 0) yield there.map((id) => project(decodeDocument(byId.get(id)), projection));
  }
}

export function bounds(limit: number, skip: number): SQL {
  const most = Number.isFinite(limit) ? sql`LIMIT ${limit}::int` : sql``;
  return skip > 0 ? sql`${most} OFFSET ${skip}::int` : most;
}
