import { ServiceError, toServiceError } from '@org/errors';
import type { BulkWriteOptions, BulkWriteResult } from './collection.ts';
import type { CollectionDefinition } from './definition.ts';
import { admit } from './door.ts';
import { parseFilter } from './filter/parse-filter.ts';
import { maximumAtOnce } from './options.ts';
import { readReplacement, readUpdate } from './requests.ts';
import type { BulkFailure, BulkOperation, CollectionStore } from './store.ts';

/** How many failures are told. */
const maximumFailures = 100;

export interface BulkWrite {
  /** @throws {TypeError} for what is no operation. */
  read(operations: readonly object[], doing: string): BulkOperation[];
  run(operations: readonly BulkOperation[], options: BulkWriteOptions, doing: string): Promise<BulkWriteResult>;
}

export function createBulkWrite(definition: CollectionDefinition, store: CollectionStore): BulkWrite {
  return {
    read: (operations, doing) => operations.map((operation, at) => readOperation(definition, operation, at, doing)),
    async run(operations, { ordered = true }, doing) {
      if (operations.length > maximumAtOnce) {
        throw new RangeError(`Expected at most ${maximumAtOnce} operations at once, got \`${operations.length}\``);
      }
      if (operations.length === 0) {
        return { insertedCount: 0, matchedCount: 0, modifiedCount: 0, deletedCount: 0, upsertedIds: {} };
      }
      const { failures, ...counts } = await store.bulk(operations, { ordered });
      if (failures.length > 0) throw bulkWriteFailed(doing, failures, counts);
      return counts;
    },
  };
}

interface GivenOperation {
  readonly document: unknown;
  readonly filter: object;
  readonly update: object;
  readonly replacement: unknown;
  readonly upsert?: boolean;
}

function readOperation(definition: CollectionDefinition, operation: object, at: number, doing: string): BulkOperation {
  const [[kind, given] = [], ...others] = Object.entries(operation) as [string, GivenOperation][];
  const refuse = () => new TypeError(`Expected operation ${at} to be one of insertOne, updateOne, …, got \`${kind}\``);
  if (!given || others.length > 0) throw refuse();
  switch (kind) {
    case 'insertOne':
      return { kind: 'insert', document: admit(definition, given.document, doing) };
    case 'updateOne':
    case 'updateMany':
      return { kind: 'update', ...readUpdate(definition, { ...given, many: kind === 'updateMany' }, doing) };
    case 'replaceOne':
      return { kind: 'update', ...readReplacement(definition, given, doing) };
    case 'deleteOne':
    case 'deleteMany':
      return { kind: 'delete', filter: parseFilter(given.filter, definition.schema), many: kind === 'deleteMany' };
    default:
      throw refuse();
  }
}

function bulkWriteFailed(doing: string, failures: readonly BulkFailure[], counts: BulkWriteResult): ServiceError {
  const told = failures.slice(0, maximumFailures).map(({ at, error }) => {
    const { code, reason, details } = toServiceError(error);
    return {
      at,
      code,
      ...(reason !== undefined && { reason }),
      ...(details?.index !== undefined && { index: details.index }),
    };
  });
  const [first] = failures;
  const cause = toServiceError(first?.error);
  const why = `${failures.length} operations failed, the first one at ${first?.at}: ${cause.message}`;
  return new ServiceError(cause.code, `Cannot ${doing}: ${why}`, {
    reason: 'BULK_WRITE_FAILED',
    details: { ...counts, failures: told },
    cause,
  });
}
