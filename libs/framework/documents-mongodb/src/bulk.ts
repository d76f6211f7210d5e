import type { BulkFailure, BulkOperation, BulkOutcome } from '@org/documents';
import type { AnyBulkWriteOperation, BulkWriteResult, Document } from 'mongodb';
import { translate, type Doing } from './mongo-errors.ts';
import { writtenOf } from './written.ts';

/** An operation as MongoDB takes it. */
export function operationOf(operation: BulkOperation): AnyBulkWriteOperation<Document> {
  switch (operation.kind) {
    case 'insert':
      return { insertOne: { document: operation.document } };
    case 'delete': {
      const { given: filter } = operation.filter;
      return operation.many ? { deleteMany: { filter } } : { deleteOne: { filter } };
    }
    case 'update': {
      const { given: filter } = operation.filter;
      const written = writtenOf(operation);
      const upsert = operation.upsert !== undefined;
      if (written.kind === 'replace') return { replaceOne: { filter, replacement: written.replacement, upsert } };
      const { update } = written;
      return operation.many ? { updateMany: { filter, update, upsert } } : { updateOne: { filter, update, upsert } };
    }
  }
}

export function outcomeOf(result: BulkWriteResult, failures: readonly BulkFailure[]): BulkOutcome {
  const { insertedCount, matchedCount, modifiedCount, deletedCount, upsertedIds } = result;
  return {
    insertedCount,
    matchedCount,
    modifiedCount,
    deletedCount,
    upsertedIds: Object.fromEntries(Object.entries(upsertedIds).map(([at, id]) => [at, String(id)])),
    failures,
  };
}

/** What failed of several operations; `undefined` where something else did. */
export function partlyFailed(error: unknown, doing: Doing): BulkOutcome | undefined {
  const { name, result, writeErrors } = error as {
    name?: string;
    result?: BulkWriteResult;
    writeErrors?: WriteError | WriteError[];
  };
  const errors = [writeErrors ?? []].flat();
  if (name !== 'MongoBulkWriteError' || !result || errors.length === 0) return undefined;
  const failures = errors.map(({ index, code, errmsg }) => {
    const failure = Object.assign(new Error(errmsg), { code });
    return { at: index, error: translate(failure, doing) };
  });
  return outcomeOf(result, failures);
}

interface WriteError {
  readonly index: number;
  readonly code?: number;
  readonly errmsg?: string;
}
