import { Query } from 'mingo';
import { BSON } from 'mongodb';
import { MongoFault } from './mongo-fault.ts';

type Document = Record<string, unknown>;

interface IndexSpecification {
  readonly name: string;
  readonly key: Record<string, 1 | -1>;
  readonly unique?: boolean;
  readonly partialFilterExpression?: Document;
}

/** The documents of a collection, with its unique indexes. */
export interface Table {
  readonly rows: readonly Document[];
  put(row: Document): void;
  /** Whether it was another one. */
  replace(row: Document, next: Document): boolean;
  remove(row: Document): void;
  index(index: IndexSpecification): void;
}

const maximumBytes = 16 * 1024 * 1024;

export function createTable(name: string): Table {
  const rows: Document[] = [];
  const indexes = new Map([['_id_', createIndex({ name: '_id_', key: { _id: 1 }, unique: true })]]);
  const check = (row: Document, instead?: Document) => {
    if (BSON.calculateObjectSize(row) > maximumBytes) throw new MongoFault(10334, 'BSONObjectTooLarge');
    for (const index of indexes.values()) {
      const other = index.find(row);
      if (!other || other === instead) continue;
      const message = `E11000 duplicate key error collection: tests.${name} index: ${index.name} dup key: { x: "secret" }`;
      throw new MongoFault(11000, 'DuplicateKey', message);
    }
  };
  return {
    rows,
    put(row) {
      check(row);
      rows.push(row);
      for (const index of indexes.values()) index.add(row);
    },
    replace(row, next) {
      if (Buffer.compare(BSON.serialize(row), BSON.serialize(next)) === 0) return false;
      check(next, row);
      rows[rows.indexOf(row)] = next;
      for (const index of indexes.values()) {
        index.remove(row);
        index.add(next);
      }
      return true;
    },
    remove(row) {
      rows.splice(rows.indexOf(row), 1);
      for (const index of indexes.values()) index.remove(row);
    },
    index(given) {
      const same = indexes.get(given.name);
      if (same && same.keys !== JSON.stringify(given.key)) throw new MongoFault(86, 'IndexKeySpecsConflict');
      if (same) return;
      const index = createIndex(given);
      for (const row of rows) index.add(row);
      indexes.set(given.name, index);
    },
  };
}

/** What is unique; an index that is not has no entries. */
function createIndex({ name, key, unique = false, partialFilterExpression }: IndexSpecification) {
  const entries = new Map<string, Document>();
  const query = partialFilterExpression && new Query(partialFilterExpression);
  const keyOf = (row: Document) => JSON.stringify(Object.keys(key).map((path) => valueAt(row, path)));
  const covers = (row: Document) => unique && (query?.test(row) ?? true);
  return {
    name,
    keys: JSON.stringify(key),
    find: (row: Document) => (covers(row) ? entries.get(keyOf(row)) : undefined),
    add: (row: Document) => void (covers(row) && entries.set(keyOf(row), row)),
    remove: (row: Document) => void (covers(row) && entries.delete(keyOf(row))),
  };
}

function valueAt(row: Document, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Document | undefined)?.[name], row);
}
