import { ServiceError } from '@org/errors';
import { sql } from 'drizzle-orm';
import { contended, documentTooLarge, duplicateKey, updateImpossible } from '../document-errors.ts';
import type { ParsedFilter } from '../filter/filter-tree.ts';
import type { Change, Sort } from '../store.ts';
import { applyUpdate } from '../update/apply-update.ts';
import { Impossible } from '../update/navigate.ts';
import type { PlainDocument } from '../values.ts';
import { decodeDocument, encode } from './encode.ts';
import type { Table } from './table.ts';

/** How large a document may be, as in MongoDB. */
const maximumBytes = 16 * 1024 * 1024;
/** How often a document is looked for that others change, delete or insert at the same time. */
export const attempts = 20;

/** A document that nobody else changes before the transaction ends. */
export interface Locked {
  readonly id: string;
  readonly document: PlainDocument;
}

/** The first document that a filter finds, for this transaction alone. */
export async function lockOne(table: Table, filter: ParsedFilter, sort: Sort): Promise<Locked | undefined> {
  const where = table.where(filter.tree);
  const chosen = sql`SELECT id, doc FROM ${table.name} ${where} ${table.orderBy(sort)} LIMIT 1`;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    // Whoever has lost one to somebody else looks for one that nobody is at, so that many can take one each.
    const others = attempt % 2 === 0 ? sql`` : sql`SKIP LOCKED`;
    const [row] = await table.rows<{ id: string; doc: unknown }>(sql`${chosen} FOR UPDATE ${others}`);
    if (row) return { id: row.id, document: decodeDocument(row.doc) };
    // The one that was waited for is no longer what is asked for, and another one may be.
    const left = await table.rows(sql`SELECT id FROM ${table.name} ${where} LIMIT 1`);
    if (left.length === 0) return undefined;
  }
  throw contended(`change a document of \`${table.collection}\``);
}

/** The next documents that a filter finds, in the order of their ids, so that nobody waits in a circle. */
export async function lockMany(table: Table, filter: ParsedFilter, after: string, limit: number): Promise<Locked[]> {
  const rows = await table.rows<{ id: string; doc: unknown }>(
    sql`SELECT id, doc FROM ${table.name} ${table.where(filter.tree)} AND id > ${after} ORDER BY id LIMIT ${limit}::int FOR UPDATE`,
  );
  return rows.map(({ id, doc }) => ({ id, document: decodeDocument(doc) }));
}

export function changed({ document }: Locked, change: Change, now: Date, collection: string): PlainDocument {
  if (change.kind === 'replace') return { ...change.document, _id: document._id };
  return orImpossible(collection, () => applyUpdate(document, change.update.steps, { now, inserting: false }));
}

/** @throws {ServiceError} failed_precondition, UPDATE_IMPOSSIBLE, when the document does not fit. */
export function orImpossible<Value>(collection: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    throw updateImpossible(`update a document of \`${collection}\``, error.message);
  }
}

export async function store(table: Table, documents: readonly PlainDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const doing = `update a document of \`${table.collection}\``;
  const given = toJson(doing, documents);
  await orDuplicate(table, doing, () =>
    table.rows(
      sql`UPDATE ${table.name} SET doc = given.value FROM jsonb_array_elements(${given}::jsonb) AS given(value)
        WHERE id = given.value ->> '_id'`,
    ),
  );
}

export async function insert(table: Table, documents: readonly PlainDocument[]): Promise<void> {
  const doing = `insert into \`${table.collection}\``;
  const given = toJson(doing, documents);
  await orDuplicate(table, doing, () =>
    table.rows(sql`INSERT INTO ${table.name} (doc) SELECT value FROM jsonb_array_elements(${given}::jsonb)`),
  );
}

function toJson(doing: string, documents: readonly PlainDocument[]): string {
  const texts = documents.map((document) => {
    const text = JSON.stringify(encode(document));
    // No character has more than three bytes for each of its units.
    if (text.length * 3 > maximumBytes && Buffer.byteLength(text) > maximumBytes) {
      throw documentTooLarge(doing, Buffer.byteLength(text));
    }
    return text;
  });
  return `[${texts.join(',')}]`;
}

export async function orDuplicate(table: Table, doing: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.reason !== 'UNIQUE_VIOLATION') throw error;
    const constraint = error.details?.constraint;
    const index = constraint === `${table.collection}_pkey` ? '_id_' : constraint;
    throw duplicateKey(doing, table.collection, typeof index === 'string' ? index : undefined, error);
  }
}

export function isDuplicate(error: unknown): boolean {
  return error instanceof ServiceError && error.reason === 'DUPLICATE_KEY';
}
