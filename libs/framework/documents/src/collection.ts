import type { IndexKeys } from './definition.ts';
import type { IndexOptions } from './indexes.ts';
import type { Cursor } from './cursor.ts';
import type { Filter } from './types/filter.ts';
import type { Part, Path, ValueAt } from './types/path.ts';
import type { Update } from './types/update.ts';

/** Fields with 1, or fields with 0; `_id` is among the first unless it is 0. */
export type ProjectionOf<Value> = { readonly [At in Path<Value>]?: 0 | 1 };
/** The fields that documents are sorted by, the first one first: 1 from the least up, -1 from the greatest down. */
export type SortOf<Value> = { readonly [At in Path<Value>]?: 1 | -1 };

export interface FindOptions<Value> {
  /** Default: none; documents come as the database finds them. */
  readonly sort?: SortOf<Value>;
  /** Default: 0. */
  readonly skip?: number;
  /** Default: all of them. */
  readonly limit?: number;
  /** Default: whole documents. */
  readonly projection?: ProjectionOf<Value>;
  /** How many documents are fetched at a time, from 1 to 10 000. Default: 100. */
  readonly batchSize?: number;
}

export interface UpdateOptions {
  /** Whether a document is inserted where none is found: what the filter says is equal, with the update. Default: `false`. */
  readonly upsert?: boolean;
}

export interface FindOneAndUpdateOptions<Value> extends UpdateOptions {
  /** Which of several it is. */
  readonly sort?: SortOf<Value>;
  readonly projection?: ProjectionOf<Value>;
  /** Default: `before`, as in MongoDB. */
  readonly returnDocument?: 'before' | 'after';
}

export interface UpdateResult {
  readonly matchedCount: number;
  /** Without those that were so already. */
  readonly modifiedCount: number;
  /** The `_id` of the document that was inserted; `undefined` where none was. */
  readonly upsertedId: string | undefined;
}

export type BulkWriteOperation<Value, Input> =
  | { readonly insertOne: { readonly document: Input } }
  | { readonly updateOne: { readonly filter: Filter<Value>; readonly update: Update<Value> } & UpdateOptions }
  | { readonly updateMany: { readonly filter: Filter<Value>; readonly update: Update<Value> } & UpdateOptions }
  | { readonly replaceOne: { readonly filter: Filter<Value>; readonly replacement: Input } & UpdateOptions }
  | { readonly deleteOne: { readonly filter: Filter<Value> } }
  | { readonly deleteMany: { readonly filter: Filter<Value> } };

export interface BulkWriteOptions {
  /** Whether it ends at the first operation that fails. Those before it stay in any case. Default: `true`. */
  readonly ordered?: boolean;
}

export interface BulkWriteResult {
  readonly insertedCount: number;
  readonly matchedCount: number;
  readonly modifiedCount: number;
  readonly deletedCount: number;
  /** By the places of the operations. */
  readonly upsertedIds: Readonly<Record<number, string>>;
}

/**
 * A collection of documents, in the manner of MongoDB.
 *
 * Misuse of a filter, an update or a projection is a `TypeError`: what is not supported is refused, with every database.
 * All else is a `ServiceError`, such as invalid_argument, DOCUMENT_INVALID, and already_exists, DUPLICATE_KEY.
 */
export interface Collection<Value, Input> {
  readonly name: string;
  /** Inserts a document as its schema gives it back, which is resolved: with `_id` and defaults. */
  insertOne(document: Input): Promise<Value>;
  /** Inserts up to 10 000 documents. @throws {ServiceError} BULK_WRITE_FAILED when some cannot be. */
  insertMany(documents: readonly Input[], options?: BulkWriteOptions): Promise<Value[]>;
  find(filter?: Filter<Value>): Cursor<Value>;
  find(filter: Filter<Value>, options: FindOptions<Value> & { readonly projection?: undefined }): Cursor<Value>;
  find(filter: Filter<Value>, options: FindOptions<Value>): Cursor<Part<Value>>;
  findOne(filter: Filter<Value>): Promise<Value | undefined>;
  findOne(
    filter: Filter<Value>,
    options: FindOneOptions<Value> & { readonly projection?: undefined },
  ): Promise<Value | undefined>;
  findOne(filter: Filter<Value>, options: FindOneOptions<Value>): Promise<Part<Value> | undefined>;
  updateOne(filter: Filter<Value>, update: Update<Value>, options?: UpdateOptions): Promise<UpdateResult>;
  /** With JSONB all of them or none, with MongoDB one by one. */
  updateMany(filter: Filter<Value>, update: Update<Value>, options?: UpdateOptions): Promise<UpdateResult>;
  /** Replaces all but the `_id`. */
  replaceOne(filter: Filter<Value>, replacement: Input, options?: UpdateOptions): Promise<UpdateResult>;
  /** Updates one document, and gives it back; `undefined` where there is none, and with `before` after an insert. */
  findOneAndUpdate(
    filter: Filter<Value>,
    update: Update<Value>,
    options?: FindOneAndUpdateOptions<Value> & { readonly projection?: undefined },
  ): Promise<Value | undefined>;
  findOneAndUpdate(
    filter: Filter<Value>,
    update: Update<Value>,
    options: FindOneAndUpdateOptions<Value>,
  ): Promise<Part<Value> | undefined>;
  /** Deletes one document, and gives it back: no two callers get the same. */
  findOneAndDelete(filter: Filter<Value>, options?: { readonly sort?: SortOf<Value> }): Promise<Value | undefined>;
  /** Gives how many were deleted. */
  deleteOne(filter: Filter<Value>): Promise<number>;
  /** Gives how many were deleted; `{}` is all of them. */
  deleteMany(filter: Filter<Value>): Promise<number>;
  countDocuments(
    filter?: Filter<Value>,
    options?: { readonly skip?: number; readonly limit?: number },
  ): Promise<number>;
  /**
   * The different values at a path, those in arrays by themselves, in any order.
   *
   * @throws {ServiceError} resource_exhausted, RESULT_TOO_LARGE, when there are more than 10 000.
   */
  distinct<At extends Path<Value>>(path: At, filter?: Filter<Value>): Promise<DistinctOf<ValueAt<Value, At>>[]>;
  /**
   * Does several things at once, up to 10 000: with JSONB in one transaction, in which what fails leaves nothing behind.
   *
   * @throws {ServiceError} BULK_WRITE_FAILED with the code of the first failure when operations fail; `details` have the
   *   counts, and `failures` with the place (`at`), code and reason of each.
   */
  bulkWrite(
    operations: readonly BulkWriteOperation<Value, Input>[],
    options?: BulkWriteOptions,
  ): Promise<BulkWriteResult>;
  /**
   * Makes an index where there is none of its name, and gives the name. Those that the service counts on belong into the
   * definition: they are there before it starts. On a large table prefer a migration with `CONCURRENTLY`: this one holds up
   * all who write. Over arrays, and what has no one type, JSONB needs none besides its general index.
   */
  createIndex(keys: IndexKeys<Value>, options?: IndexOptions): Promise<string>;
}

export type FindOneOptions<Value> = Pick<FindOptions<Value>, 'sort' | 'projection' | 'skip'>;
type DistinctOf<Value> = unknown extends Value
  ? unknown
  : Value extends undefined
    ? never
    : Value extends readonly (infer Element)[]
      ? Element
      : Value;
