import { ServiceError } from '@org/errors';
import { resultTooLarge, type CollectionStore, type PlainDocument, type UpdateOutcome } from '@org/documents';
import type { Collection, Document } from 'mongodb';
import { operationOf, outcomeOf, partlyFailed } from './bulk.ts';
import type { Clients } from './clients.ts';
import { assertPlain, decodeDocument } from './decode.ts';
import { findBatches } from './find-batches.ts';
import { indexOf } from './indexes.ts';
import { createOperate, withDatabase, type CommandOptions, type Operation, type OperateParts } from './operate.ts';
import { projectionOf, sortOf, writtenOf } from './written.ts';

/** How often an upsert begins anew when another one was faster. */
const upsertAttempts = 3;

export interface CollectionParts extends OperateParts {
  readonly clients: Clients;
}

/** Documents as they are stored: their `_id` is a text. */
export type Stored = Document & { _id: string };

export function createMongodbCollection(name: string, parts: CollectionParts): CollectionStore {
  const { clients, target } = parts;
  const operate = createOperate(name, parts);
  const run = <Value>(
    operation: Operation,
    work: (collection: Collection<Stored>, options: CommandOptions) => Promise<Value>,
  ): Promise<Value> =>
    operate(operation, (options) =>
      withDatabase(clients, target.database, (db) => work(db.collection<Stored>(name), options)),
    );
  const given = (document: object | null): PlainDocument | undefined =>
    document === null ? undefined : decodeDocument(document, name);
  const reading = (what: string, command: string): Operation => ({
    name: command,
    what: `${what} \`${name}\``,
    writes: false,
  });
  const writing = (what: string, command: string): Operation => ({
    name: command,
    what: `${what} \`${name}\``,
    writes: true,
  });

  return {
    insert: (document) =>
      run(writing('insert into', 'insert'), async (collection, options) => {
        await collection.insertOne(document as Stored, options);
      }),
    find: (query) => findBatches({ clients, target, operate, collection: name }, query),
    count: (filter, { skip, limit }) =>
      run(reading('count documents of', 'aggregate'), (collection, options) =>
        collection.countDocuments(filter.given, { ...options, skip, ...(limit !== undefined && { limit }) }),
      ),
    distinct: (path, filter, maximum) =>
      run(reading('list values of', 'distinct'), async (collection, options) => {
        const values: unknown[] = await collection.distinct(path.join('.'), filter.given, options);
        if (values.length > maximum) throw resultTooLarge(`list values of \`${name}\``, maximum);
        assertPlain(values, name, path);
        return values;
      }),
    update: (request) =>
      orAgain(request.upsert, () =>
        run(writing('update', 'update'), async (collection, options): Promise<UpdateOutcome> => {
          const { given: filter } = request.filter;
          const written = writtenOf(request);
          const upsert = request.upsert !== undefined;
          if (written.kind === 'replace') {
            return outcome(await collection.replaceOne(filter, written.replacement, { ...options, upsert }));
          }
          const method = request.many ? 'updateMany' : 'updateOne';
          return outcome(await collection[method](filter, written.update, { ...options, upsert }));
        }),
      ),
    findAndUpdate: (request) =>
      orAgain(request.upsert, () =>
        run(writing('update', 'findAndModify'), async (collection, options) => {
          const { filter, sort, projection, returnDocument, upsert } = request;
          const written = writtenOf(request);
          if (written.kind === 'replace') throw new TypeError('Expected an update, got a replacement');
          return given(
            await collection.findOneAndUpdate(filter.given, written.update, {
              ...options,
              ...common(sort, projection),
              returnDocument,
              upsert: upsert !== undefined,
            }),
          );
        }),
      ),
    findAndDelete: ({ filter, sort, projection }) =>
      run(writing('delete from', 'findAndModify'), async (collection, options) =>
        given(await collection.findOneAndDelete(filter.given, { ...options, ...common(sort, projection) })),
      ),
    delete: (filter, { many }) =>
      run(writing('delete from', 'delete'), async (collection, options) => {
        const method = many ? 'deleteMany' : 'deleteOne';
        return (await collection[method](filter.given, options)).deletedCount;
      }),
    bulk: (operations, { ordered }) => {
      const doing = writing('write to', 'bulkWrite');
      return run(doing, async (collection, options) => {
        try {
          const result = await collection.bulkWrite(operations.map(operationOf) as never, { ...options, ordered });
          return outcomeOf(result, []);
        } catch (error) {
          const failed = partlyFailed(error, { ...doing, collection: name, shown: target.shown });
          if (!failed) throw error;
          return failed;
        }
      });
    },
    createIndex: (index) =>
      run(writing('make an index of', 'createIndexes'), async (collection, options) => {
        await collection.createIndexes([indexOf(index)], options);
      }),
  };
}

function common(sort: Parameters<typeof sortOf>[0], projection: Parameters<typeof projectionOf>[0]) {
  const fields = projectionOf(projection);
  return { ...(sort.length > 0 && { sort: sortOf(sort) }), ...(fields && { projection: fields }) };
}

function outcome(result: { matchedCount: number; modifiedCount: number; upsertedId: unknown }): UpdateOutcome {
  const { matchedCount, modifiedCount, upsertedId } = result;
  return { matchedCount, modifiedCount, upsertedId: typeof upsertedId === 'string' ? upsertedId : undefined };
}

/** Of two upserts of one key the second finds what the first has inserted. */
async function orAgain<Value>(upsert: PlainDocument | undefined, work: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const again = upsert && error instanceof ServiceError && error.reason === 'DUPLICATE_KEY';
      if (!again || attempt === upsertAttempts) throw error;
    }
  }
}
