// What services use.
export type {
  BulkWriteOperation,
  BulkWriteOptions,
  BulkWriteResult,
  Collection,
  FindOneAndUpdateOptions,
  FindOneOptions,
  FindOptions,
  ProjectionOf,
  SortOf,
  UpdateOptions,
  UpdateResult,
} from './collection.ts';
export { createId } from './create-id.ts';
export type { Cursor } from './cursor.ts';
export {
  defineCollection,
  type CollectionDefinition,
  type DefineCollectionOptions,
  type IndexDefinition,
  type IndexKeys,
} from './definition.ts';
export { documentsTable } from './jsonb/documents-table.ts';
export { openDocuments, type Documents, type OpenDocumentsOptions } from './open-documents.ts';
export { documentsSettings, type DocumentAdapters, type DocumentsSettings } from './settings.ts';
export type { Filter } from './types/filter.ts';
export type { Part, Path, ValueAt } from './types/path.ts';
export type { Update } from './types/update.ts';

// What adapters use.
export { documentTooLarge, duplicateKey, resultTooLarge, updateImpossible } from './document-errors.ts';
export type { ParsedFilter } from './filter/filter-tree.ts';
export type { Index, IndexKey, IndexOptions } from './indexes.ts';
export { project, type Projection } from './projection.ts';
export type { Kind } from './shape.ts';
export type {
  BulkFailure,
  BulkOperation,
  BulkOutcome,
  Change,
  CollectionStore,
  DocumentAdapter,
  DocumentStore,
  FindAndUpdateRequest,
  FindQuery,
  Sort,
  StoreOptions,
  UpdateOutcome,
  UpdateRequest,
} from './store.ts';
export { unspoken } from './update/upsert.ts';
export type { ParsedUpdate } from './update/update-step.ts';
export type { PlainDocument } from './values.ts';
