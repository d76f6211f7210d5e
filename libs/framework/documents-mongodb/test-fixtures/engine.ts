import { Aggregator, Query } from 'mingo';
import { update as updateByMingo } from 'mingo/updater';
import { BSON } from 'mongodb';
import { assertFits } from './fit.ts';
import { MongoFault } from './mongo-fault.ts';
import { createTable, type Table } from './table.ts';

type Document = Record<string, unknown>;

interface Statement {
  readonly q: Document;
  readonly u: Document | Document[];
  readonly multi?: boolean;
  readonly upsert?: boolean;
  readonly limit?: number;
}

/** Runs the commands that the adapter sends, in memory. */
export function createEngine(): (name: string, command: Document) => Document {
  const tables = new Map<string, Table>();
  const cursors = new Map<string, { table: string; left: Document[] }>();
  let last = 0n;
  const tableOf = (name: unknown) => {
    const table = tables.get(String(name)) ?? createTable(String(name));
    tables.set(String(name), table);
    return table;
  };
  const batchOf = (id: string, table: string, size: number, which: 'firstBatch' | 'nextBatch') => {
    const cursor = cursors.get(id);
    const batch = cursor?.left.splice(0, size) ?? [];
    const done = !cursor || cursor.left.length === 0;
    if (done) cursors.delete(id);
    return { cursor: { id: done ? BSON.Long.ZERO : BSON.Long.fromString(id), ns: `tests.${table}`, [which]: batch } };
  };
  const selected = (command: Document): Document[] => {
    const { find, filter = {}, sort, skip = 0, limit = 0, projection } = command as Record<string, never>;
    let found = [...tableOf(find).rows].filter((row) => new Query(filter).test(row));
    if (sort) found = new Query({}).find<Document>(found).sort(sort).all();
    found = found.slice(skip, limit ? Number(skip) + Math.abs(limit) : undefined);
    return projection ? new Query({}).find<Document>(found, projection).all() : found;
  };
  const commands: Record<string, (command: Document) => Document> = {
    insert: ({ insert, documents, ordered = true }) =>
      attempt(documents as Document[], ordered as boolean, (document) => {
        tableOf(insert).put(document);
        return { n: 1 };
      }),
    find(command) {
      last += 1n;
      const id = String(last);
      const {
        find,
        batchSize = 101,
        singleBatch,
        limit,
      } = command as { find: string; batchSize?: number; singleBatch?: boolean; limit?: number };
      cursors.set(id, { table: find, left: selected(command) });
      return batchOf(id, find, singleBatch && limit ? Math.abs(limit) : batchSize, 'firstBatch');
    },
    getMore: ({ getMore, collection, batchSize = 101 }) =>
      batchOf(String(getMore), String(collection), batchSize as number, 'nextBatch'),
    killCursors({ cursors: ids }) {
      for (const id of ids as unknown[]) cursors.delete(String(id));
      return { cursorsKilled: ids };
    },
    aggregate({ aggregate, pipeline }) {
      const rows = new Aggregator(pipeline as never).run<Document>(tableOf(aggregate).rows);
      return { cursor: { id: BSON.Long.ZERO, ns: `tests.${String(aggregate)}`, firstBatch: rows } };
    },
    distinct({ distinct, key, query = {} }) {
      const path = String(key).split('.');
      const found = selected({ find: distinct, filter: query })
        .flatMap((row) => valuesAt(row, path))
        .flat();
      const values = new Map(found.map((value) => [JSON.stringify(value), value]));
      return { values: [...values.values()] };
    },
    createIndexes({ createIndexes, indexes }) {
      for (const index of indexes as Document[]) tableOf(createIndexes).index(index as never);
      return { createdCollectionAutomatically: false };
    },
    update({ update, updates, ordered = true }) {
      const upserted: Document[] = [];
      const result = attempt(updates as Statement[], ordered as boolean, (statement, at) => {
        const outcome = change(tableOf(update), statement);
        if (outcome.upserted !== undefined) upserted.push({ index: at, _id: outcome.upserted });
        return { n: outcome.n, nModified: outcome.nModified };
      });
      return { ...result, ...(upserted.length > 0 && { upserted }) };
    },
    delete: ({ delete: name, deletes, ordered = true }) =>
      attempt(deletes as Statement[], ordered as boolean, ({ q, limit }) => {
        const found = selected({ find: name, filter: q, limit });
        for (const row of found) tableOf(name).remove(row);
        return { n: found.length };
      }),
    findAndModify(command) {
      const { findAndModify: name, query, sort, remove, update, upsert, new: after, fields } = command;
      const [row] = selected({ find: name, filter: query, sort, limit: 1 });
      const table = tableOf(name);
      const shown = (document: Document | null | undefined) =>
        document && fields ? (new Query({}).find<Document>([document], fields).all()[0] ?? null) : (document ?? null);
      if (remove) {
        if (row) table.remove(row);
        return { value: shown(row) };
      }
      if (!row && !upsert) return { value: null };
      const { id } = change(table, {
        q: row ? { _id: row._id } : (query as Document),
        u: update as Document,
        upsert: Boolean(upsert),
      });
      const then = table.rows.find(({ _id }) => _id === id);
      return { value: shown(after ? then : row) };
    },
  };
  return (name, command) => {
    const run = commands[name];
    if (!run) throw new MongoFault(59, 'CommandNotFound', `no such command: '${name}'`);
    return run(command);
  };
}

/** Does each, and tells of those that fail. */
function attempt<Given>(
  all: readonly Given[],
  ordered: boolean,
  work: (given: Given, at: number) => Record<string, number>,
): Document {
  const sums: Record<string, number> = { n: 0 };
  const writeErrors: Document[] = [];
  for (const [index, given] of all.entries()) {
    try {
      for (const [name, count] of Object.entries(work(given, index))) sums[name] = (sums[name] ?? 0) + count;
    } catch (error) {
      if (!(error instanceof MongoFault)) throw error;
      writeErrors.push({ index, code: error.code, codeName: error.codeName, errmsg: error.message });
      if (ordered) break;
    }
  }
  return { ...sums, ...(writeErrors.length > 0 && { writeErrors }) };
}

function change(table: Table, { q, u, multi = false, upsert = false }: Statement) {
  const found = table.rows.filter((row) => new Query(q as never).test(row));
  const rows = multi ? found : found.slice(0, 1);
  let nModified = 0;
  for (const row of rows) nModified += Number(table.replace(row, updated(row, u, false)));
  const [first] = rows;
  if (first || !upsert) return { n: rows.length, nModified, id: first?._id, upserted: undefined };
  const base: Document = {};
  for (const [name, value] of equalities(q)) setAt(base, name.split('.'), value);
  const inserted = updated(base, u, true);
  table.put(inserted);
  return { n: 1, nModified: 0, id: inserted._id, upserted: inserted._id };
}

function updated(row: Document, u: Document | Document[], inserting: boolean): Document {
  if (Array.isArray(u)) return new Aggregator(u).run<Document>([row])[0] as Document;
  const names = Object.keys(u);
  if (!names.some((name) => name.startsWith('$'))) return { _id: row._id, ...u };
  const { $setOnInsert, ...others } = u;
  assertFits(row, others);
  const next = structuredClone(row);
  if (inserting) for (const [name, value] of Object.entries($setOnInsert ?? {})) setAt(next, name.split('.'), value);
  if (Object.keys(others).length > 0) updateByMingo(next, others as never);
  return next;
}

function setAt(document: Document, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) document[first] = value;
  else setAt((document[first] ??= {}) as Document, rest, value);
}

function equalities(query: Document): [string, unknown][] {
  return Object.entries(query).flatMap(([name, value]): [string, unknown][] => {
    if (name === '$and') return (value as Document[]).flatMap(equalities);
    if (name.startsWith('$')) return [];
    const operators =
      typeof value === 'object' && value !== null && Object.keys(value).some((key) => key.startsWith('$'));
    if (!operators) return [[name, value]];
    return '$eq' in (value as Document) ? [[name, (value as Document).$eq]] : [];
  });
}

function valuesAt(value: unknown, [first, ...rest]: readonly string[]): unknown[] {
  if (first === undefined) return [value];
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, [first, ...rest]));
  if (typeof value !== 'object' || value === null || !(first in value)) return [];
  return valuesAt((value as Document)[first], rest);
}
