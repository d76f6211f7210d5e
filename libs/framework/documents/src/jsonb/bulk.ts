import { ServiceError, type Code } from '@org/errors';
import type { BulkFailure, BulkOperation, BulkOutcome } from '../store.ts';
import type { PlainDocument } from '../values.ts';
import { update } from './change.ts';
import { remove } from './remove.ts';
import type { DocumentDatabase, Table } from './table.ts';
import { insert } from './write.ts';

/** How many documents are inserted by one statement. */
const batchSize = 500;

interface Counts {
  insertedCount: number;
  matchedCount: number;
  modifiedCount: number;
  deletedCount: number;
  upsertedIds: Record<number, string>;
}

/** Does what it can in one transaction: an operation that fails leaves nothing behind, and the others stay. */
export function bulk(
  database: DocumentDatabase,
  table: Table,
  operations: readonly BulkOperation[],
  { ordered }: { readonly ordered: boolean },
): Promise<BulkOutcome> {
  return database.transaction(async () => {
    const counts: Counts = { insertedCount: 0, matchedCount: 0, modifiedCount: 0, deletedCount: 0, upsertedIds: {} };
    const failures: BulkFailure[] = [];
    const attempt = async (at: number, work: () => Promise<unknown>) => {
      try {
        await database.transaction(work);
        return true;
      } catch (error) {
        if (!isOfOperation(error)) throw error;
        failures.push({ at, error });
        return false;
      }
    };
    for (let at = 0; at < operations.length && !(ordered && failures.length > 0);) {
      const documents = insertsFrom(operations, at);
      if (documents.length > 1 && (await insertTogether(database, table, documents))) {
        counts.insertedCount += documents.length;
        at += documents.length;
        continue;
      }
      // Those that do not go together are tried one by one.
      for (const end = at + Math.max(1, documents.length); at < end && !(ordered && failures.length > 0); at += 1) {
        const operation = operations[at] as BulkOperation;
        await attempt(at, () => run(database, table, operation, at, counts));
      }
    }
    return { ...counts, failures };
  });
}

function insertsFrom(operations: readonly BulkOperation[], start: number): PlainDocument[] {
  const documents: PlainDocument[] = [];
  for (const operation of operations.slice(start, start + batchSize)) {
    if (operation.kind !== 'insert') break;
    documents.push(operation.document);
  }
  return documents;
}

async function insertTogether(database: DocumentDatabase, table: Table, documents: PlainDocument[]): Promise<boolean> {
  try {
    await database.transaction(() => insert(table, documents));
    return true;
  } catch (error) {
    if (!isOfOperation(error)) throw error;
    return false;
  }
}

async function run(
  database: DocumentDatabase,
  table: Table,
  operation: BulkOperation,
  at: number,
  counts: Counts,
): Promise<void> {
  if (operation.kind === 'insert') {
    await insert(table, [operation.document]);
    counts.insertedCount += 1;
  } else if (operation.kind === 'delete') {
    counts.deletedCount += await remove(table, operation.filter, operation);
  } else {
    const { matchedCount, modifiedCount, upsertedId } = await update(database, table, operation);
    counts.matchedCount += matchedCount;
    counts.modifiedCount += modifiedCount;
    if (upsertedId !== undefined) counts.upsertedIds[at] = upsertedId;
  }
}

/** Whether the operation is to blame, as opposed to the database, or to others who are at work on it. */
function isOfOperation(error: unknown): boolean {
  const codes: readonly Code[] = ['already_exists', 'failed_precondition', 'invalid_argument'];
  return error instanceof ServiceError && codes.includes(error.code) && error.reason !== 'TRANSACTION_FAILED';
}
