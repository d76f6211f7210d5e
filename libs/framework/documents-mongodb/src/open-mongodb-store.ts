import type { DocumentStore, StoreOptions } from '@org/documents';
import { untilAborted } from '@org/context';
import { createClients } from './clients.ts';
import { createMongoInstruments, watchPools } from './instruments.ts';
import { indexOf } from './indexes.ts';
import { translate, urlInvalid } from './mongo-errors.ts';
import { createMongodbCollection, type CollectionParts } from './mongodb-collection.ts';
import { createOperate, withDatabase } from './operate.ts';
import { readTarget } from './target.ts';

/** How much longer than the server a client waits for an answer before it gives up the connection, in milliseconds. */
const graceMs = 5_000;

/** Connects to a server, waits for it, and makes the indexes of the collections that are missing. */
export async function openMongodbStore(options: StoreOptions): Promise<DocumentStore> {
  const { url, credentials, connectTimeoutMs, operationTimeoutMs: timeoutMs, poolSize, service, logger } = options;
  // The driver is loaded by whoever uses it alone.
  const { MongoClient } = await import('mongodb');
  const target = readTarget(url.reveal(), service);
  const instruments = createMongoInstruments();
  await using stack = new AsyncDisposableStack();
  const pools = stack.use(watchPools(target.database, poolSize));
  const make = () => {
    const pair = credentials?.reveal();
    try {
      const client = new MongoClient(url.reveal(), {
        appName: service,
        maxPoolSize: poolSize,
        connectTimeoutMS: connectTimeoutMs,
        serverSelectionTimeoutMS: Math.min(connectTimeoutMs, timeoutMs),
        waitQueueTimeoutMS: timeoutMs,
        socketTimeoutMS: timeoutMs + graceMs,
        ...(pair && { auth: pair }),
      });
      return pools.watch(client);
    } catch {
      throw urlInvalid(target.shown);
    }
  };
  const clients = stack.use(createClients(make));
  const parts: CollectionParts = { clients, instruments, target, timeoutMs };
  await connect(parts, connectTimeoutMs);
  for (const { name, indexes } of options.collections) {
    if (indexes.length === 0) continue;
    const what = `make the indexes of \`${name}\``;
    await createOperate(name, parts)({ name: 'createIndexes', what, writes: true }, (given) =>
      withDatabase(clients, target.database, (db) => db.collection(name).createIndexes(indexes.map(indexOf), given)),
    );
  }
  stack.defer(
    credentials?.onChange(
      () => clients.replace(),
      () => logger.warn({}, 'The credentials of the documents could not be renewed; the last ones stay in force'),
    ) ?? (() => {}),
  );
  const owned = stack.move();
  return {
    async check(signal) {
      const doing = { what: 'use the documents', collection: '', writes: false, shown: target.shown };
      try {
        await untilAborted(signal, () =>
          withDatabase(clients, target.database, (db) => db.command({ ping: 1 }, { signal })),
        );
      } catch (error) {
        if (signal.aborted) throw error;
        throw translate(error, doing);
      }
    },
    collection: ({ name }) => createMongodbCollection(name, parts),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The driver looks for a server as long as it may, and tries again by itself. */
async function connect({ clients, target }: CollectionParts, timeoutMs: number): Promise<void> {
  const doing = { what: 'open the documents', collection: '', writes: false, shown: target.shown };
  const signal = AbortSignal.timeout(timeoutMs + graceMs);
  try {
    await untilAborted(signal, () => withDatabase(clients, target.database, (db) => db.command({ ping: 1 })));
  } catch (error) {
    throw translate(error, doing);
  }
}
