import type { Collection } from './collection.ts';
import { createCursor } from './cursor.ts';
import type { CollectionDefinition } from './definition.ts';
import { createBulkWrite } from './bulk-write.ts';
import { admit } from './door.ts';
import { parsePath } from './fields.ts';
import { parseFilter } from './filter/parse-filter.ts';
import { normalizeIndex } from './indexes.ts';
import { maximumAtOnce, parseBounds, parseFindOptions, parseSort } from './options.ts';
import { parseProjection } from './projection.ts';
import { readReplacement, readUpdate } from './requests.ts';
import type { CollectionStore } from './store.ts';

/**
 * A collection over a store: checks all that comes in, so that every store gets the same.
 *
 * @param assertOpen Throws when the store is closed.
 */
export function createCollection<Value, Input>(
  definition: CollectionDefinition<Value, Input>,
  store: CollectionStore,
  assertOpen: (doing: string) => void,
): Collection<Value, Input> {
  const { name } = definition;
  const begin = (doing: string) => {
    const whole = `${doing} \`${name}\``;
    assertOpen(whole);
    return whole;
  };
  const bulkWrite = createBulkWrite(definition, store);
  const find = (filter: object = {}, options: object = {}) => {
    const doing = begin('find documents of');
    return createCursor(
      store.find({ filter: parseFilter(filter, definition.schema), ...parseFindOptions(options) }),
      doing,
    );
  };
  const collection = {
    name,
    async insertOne(document: unknown) {
      const stored = admit(definition, document, begin('insert into'));
      await store.insert(stored);
      return stored;
    },
    async insertMany(documents: readonly unknown[], options = {}) {
      const doing = begin('insert into');
      const admitted = documents.map((document) => admit(definition, document, doing));
      await bulkWrite.run(
        admitted.map((document) => ({ kind: 'insert', document })),
        options,
        doing,
      );
      return admitted;
    },
    find,
    async findOne(filter: object, options: object = {}) {
      const [document] = await find(filter, { ...options, limit: 1 }).toArray();
      return document;
    },
    async updateOne(filter: object, update: object, options = {}) {
      return store.update(readUpdate(definition, { filter, update, many: false, ...options }, begin('update')));
    },
    async updateMany(filter: object, update: object, options = {}) {
      return store.update(readUpdate(definition, { filter, update, many: true, ...options }, begin('update')));
    },
    async replaceOne(filter: object, replacement: unknown, options = {}) {
      return store.update(readReplacement(definition, { filter, replacement, ...options }, begin('replace in')));
    },
    async findOneAndUpdate(filter: object, update: object, options: FindAndUpdateGiven = {}) {
      const { sort, projection, returnDocument = 'before', ...others } = options;
      const request = readUpdate(definition, { filter, update, many: false, ...others }, begin('update'));
      return store.findAndUpdate({
        ...request,
        sort: parseSort(sort),
        projection: parseProjection(projection),
        returnDocument,
      });
    },
    async findOneAndDelete(filter: object, { sort }: Pick<FindAndUpdateGiven, 'sort'> = {}) {
      begin('delete from');
      return store.findAndDelete({
        filter: parseFilter(filter, definition.schema),
        sort: parseSort(sort),
        projection: undefined,
      });
    },
    async deleteOne(filter: object) {
      begin('delete from');
      return store.delete(parseFilter(filter, definition.schema), { many: false });
    },
    async deleteMany(filter: object) {
      begin('delete from');
      return store.delete(parseFilter(filter, definition.schema), { many: true });
    },
    async countDocuments(filter: object = {}, options = {}) {
      begin('count documents of');
      return store.count(parseFilter(filter, definition.schema), parseBounds(options));
    },
    async distinct(path: string, filter: object = {}) {
      begin('list values of');
      return store.distinct(parsePath(path, 'a list of values'), parseFilter(filter, definition.schema), maximumAtOnce);
    },
    async bulkWrite(operations: readonly object[], options = {}) {
      const doing = begin('write to');
      return bulkWrite.run(bulkWrite.read(operations, doing), options, doing);
    },
    async createIndex(keys: Readonly<Record<string, unknown>>, options = {}) {
      begin('make an index of');
      const index = normalizeIndex(definition, keys, options);
      await store.createIndex(index);
      return index.name;
    },
  };
  return collection as unknown as Collection<Value, Input>;
}

interface FindAndUpdateGiven {
  readonly sort?: Readonly<Record<string, unknown>>;
  readonly projection?: Readonly<Record<string, unknown>>;
  readonly returnDocument?: 'before' | 'after';
  readonly upsert?: boolean;
}
