import type { Resource, Runtime } from '@org/runtime';
import type { Collection } from './collection.ts';
import { createCollection } from './create-collection.ts';
import type { CollectionDefinition } from './definition.ts';
import { documentsClosed } from './document-errors.ts';
import { openJsonbStore } from './jsonb/jsonb-store.ts';
import type { DocumentDatabase } from './jsonb/table.ts';
import { databaseProtocol, type DocumentAdapters, type DocumentsSettings } from './settings.ts';
import type { DocumentStore } from './store.ts';

export interface Documents extends Resource {
  readonly kind: 'datastore';
  /**
   * A collection, by its definition.
   *
   * @throws {TypeError} when it is not one of those that were opened.
   */
  collection<Value, Input>(definition: CollectionDefinition<Value, Input>): Collection<Value, Input>;
}

export interface OpenDocumentsOptions extends DocumentAdapters {
  readonly collections: readonly CollectionDefinition[];
  /** Where documents are kept unless `DOCUMENTS_URL` says otherwise. What is done within a transaction of it takes part. */
  readonly database?: DocumentDatabase;
}

/**
 * Opens what `DOCUMENTS_URL` names, by the adapter that has its protocol, or the tables in the database, and sees that the
 * collections are there with their indexes. The caller disposes it, after whatever uses it and before the database.
 *
 * @throws {TypeError} when no adapter has the protocol, or the database is not given and needed.
 * @throws {ServiceError} failed_precondition, COLLECTION_MISSING or INDEX_MISSING, when migrations of the database are; what
 *   an adapter throws when it cannot connect.
 */
export async function openDocuments(
  settings: DocumentsSettings,
  { adapters = [], collections, database }: OpenDocumentsOptions,
  runtime: Pick<Runtime, 'logger' | 'service'>,
): Promise<Documents> {
  const twice = collections.find(({ name }, at) => collections.findIndex((other) => other.name === name) !== at);
  if (twice) throw new TypeError(`Expected the names of \`collections\` to differ, got \`${twice.name}\` twice`);
  const store = await openStore(settings, { adapters, collections, ...(database && { database }) }, runtime);
  let closing: Promise<void> | undefined;
  const assertOpen = (doing: string) => {
    if (closing) throw documentsClosed(doing);
  };
  return {
    kind: 'datastore',
    collection(definition) {
      if (!collections.includes(definition)) {
        throw new TypeError(`Expected one of the \`collections\` that were opened, got \`${definition.name}\``);
      }
      return createCollection(definition, store.collection(definition), assertOpen);
    },
    ...(store.check && { check: store.check.bind(store) }),
    [Symbol.asyncDispose]: () => (closing ??= Promise.resolve(store[Symbol.asyncDispose]())),
  };
}

async function openStore(
  { url, ...settings }: DocumentsSettings,
  { adapters = [], collections, database }: OpenDocumentsOptions,
  { logger, service }: Pick<Runtime, 'logger' | 'service'>,
): Promise<DocumentStore> {
  const target = url?.reveal().toLowerCase();
  if (!url || target?.startsWith(databaseProtocol)) {
    if (!database) throw new TypeError('Expected `database` to be given, since `DOCUMENTS_URL` names no other place');
    return openJsonbStore(database, collections);
  }
  const adapter = adapters.find(({ ports }) => Object.keys(ports).some((protocol) => target?.startsWith(protocol)));
  if (adapter) return adapter.open({ url, ...settings, collections, service: service.name, logger });
  const known = adapters.flatMap(({ ports }) => Object.keys(ports)).join(', ') || 'none';
  throw new TypeError(
    `Expected \`adapters\` to be those of \`documentsSettings\`, got ${known} for \`${url.toString()}\``,
  );
}
