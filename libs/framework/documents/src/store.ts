import type { Credentials, Secret } from '@org/config';
import type { Logger } from '@org/logging';
import type { CollectionDefinition } from './definition.ts';
import type { Segments } from './fields.ts';
import type { ParsedFilter } from './filter/filter-tree.ts';
import type { Index } from './indexes.ts';
import type { Projection } from './projection.ts';
import type { ParsedUpdate } from './update/update-step.ts';
import type { PlainDocument } from './values.ts';

/** One kind of database for documents, by its client library. An application ships with as many as it lists. */
export interface DocumentAdapter {
  /** A short name in lower case, such as `mongodb`. */
  readonly name: string;
  /** The protocols of the URLs that it takes, with their default ports. */
  readonly ports: Readonly<Record<string, number>>;
  /**
   * Connects, waits for the database, and makes the indexes of the collections where they are missing.
   *
   * @throws {ServiceError} unavailable when nothing answers in time; unauthenticated or permission_denied when it refuses the
   *   service; failed_precondition when URL, indexes and database do not fit.
   */
  open(options: StoreOptions): Promise<DocumentStore>;
}

export interface StoreOptions {
  readonly url: Secret<string>;
  /** Asked anew for each connection. */
  readonly credentials: Secret<Credentials> | undefined;
  readonly connectTimeoutMs: number;
  /** How long one operation may take, in milliseconds. */
  readonly operationTimeoutMs: number;
  readonly poolSize: number;
  readonly collections: readonly CollectionDefinition[];
  /** The name of the service. */
  readonly service: string;
  readonly logger: Logger;
}

/** A database that is open. */
export interface DocumentStore extends AsyncDisposable {
  /** Rejects when it does not answer. Where there is none, somebody else looks. */
  check?(signal: AbortSignal): Promise<void>;
  collection(definition: CollectionDefinition): CollectionStore;
}

export type Sort = readonly { readonly path: Segments; readonly order: 1 | -1 }[];

export interface FindQuery {
  readonly filter: ParsedFilter;
  readonly sort: Sort;
  readonly projection: Projection | undefined;
  readonly skip: number;
  readonly limit: number | undefined;
  /** How many documents are fetched at a time. */
  readonly batchSize: number;
}

/** What becomes of the documents that a filter finds. */
export type Change =
  | { readonly kind: 'update'; readonly update: ParsedUpdate }
  /** All but the `_id` is replaced. */
  | { readonly kind: 'replace'; readonly document: PlainDocument };

export interface UpdateRequest {
  readonly filter: ParsedFilter;
  readonly change: Change;
  readonly many: boolean;
  /** What is inserted where none is found, with its `_id`; `undefined`: nothing. */
  readonly upsert: PlainDocument | undefined;
}

export interface UpdateOutcome {
  readonly matchedCount: number;
  readonly modifiedCount: number;
  /** That of the document which was inserted. */
  readonly upsertedId: string | undefined;
}

export interface FindAndUpdateRequest extends Omit<UpdateRequest, 'many' | 'change'> {
  readonly change: Extract<Change, { readonly kind: 'update' }>;
  readonly sort: Sort;
  readonly projection: Projection | undefined;
  readonly returnDocument: 'before' | 'after';
}

export type BulkOperation =
  | { readonly kind: 'insert'; readonly document: PlainDocument }
  | ({ readonly kind: 'update' } & UpdateRequest)
  | { readonly kind: 'delete'; readonly filter: ParsedFilter; readonly many: boolean };

export interface BulkOutcome {
  readonly insertedCount: number;
  readonly matchedCount: number;
  readonly modifiedCount: number;
  readonly deletedCount: number;
  /** By the place of the operation. */
  readonly upsertedIds: Readonly<Record<number, string>>;
  /** Operations that failed, by their place; the first one alone where they are ordered. */
  readonly failures: readonly BulkFailure[];
}

export interface BulkFailure {
  readonly at: number;
  readonly error: unknown;
}

/**
 * One collection. Filters, updates and values were checked: they hold what every database takes. Documents are given, and
 * are to be given back, as JSON with dates. Whatever changes one document changes it as a whole, or not at all.
 */
export interface CollectionStore {
  /** @throws {ServiceError} already_exists, DUPLICATE_KEY. */
  insert(document: PlainDocument): Promise<void>;
  /** Batches, each as it stands when it is fetched. */
  find(query: FindQuery): AsyncIterable<readonly PlainDocument[]>;
  count(filter: ParsedFilter, bounds: { readonly skip: number; readonly limit: number | undefined }): Promise<number>;
  /** The values at a path, those in arrays by themselves, in any order. @throws {ServiceError} when there are more. */
  distinct(path: Segments, filter: ParsedFilter, maximum: number): Promise<unknown[]>;
  update(request: UpdateRequest): Promise<UpdateOutcome>;
  findAndUpdate(request: FindAndUpdateRequest): Promise<PlainDocument | undefined>;
  findAndDelete(
    request: Pick<FindAndUpdateRequest, 'filter' | 'sort' | 'projection'>,
  ): Promise<PlainDocument | undefined>;
  /** How many were deleted. */
  delete(filter: ParsedFilter, options: { readonly many: boolean }): Promise<number>;
  /** Does what it can: all operations, or where they are ordered those before the first that fails. */
  bulk(operations: readonly BulkOperation[], options: { readonly ordered: boolean }): Promise<BulkOutcome>;
  /** Makes an index where there is none of that name. */
  createIndex(index: Index): Promise<void>;
}
