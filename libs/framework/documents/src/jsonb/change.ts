import { sameValue } from '../compare.ts';
import { project } from '../projection.ts';
import type { FindAndUpdateRequest, UpdateOutcome, UpdateRequest } from '../store.ts';
import type { PlainDocument } from '../values.ts';
import type { DocumentDatabase, Table } from './table.ts';
import { changed, insert, isDuplicate, lockMany, lockOne, store } from './write.ts';

/** How many documents are changed at a time. */
const batchSize = 200;
/** How often an upsert begins anew when another one was faster. */
const upsertAttempts = 3;

const untouched: UpdateOutcome = { matchedCount: 0, modifiedCount: 0, upsertedId: undefined };

/** Changes what a filter finds: all of it, or nothing. */
export function update(database: DocumentDatabase, table: Table, request: UpdateRequest): Promise<UpdateOutcome> {
  return orAgain(request, () =>
    database.transaction(async () => {
      const outcome = request.many ? await changeMany(table, request) : (await changeOne(table, request)).outcome;
      if (outcome.matchedCount > 0 || !request.upsert) return outcome;
      return upsert(table, request.upsert);
    }),
  );
}

export function findAndUpdate(
  database: DocumentDatabase,
  table: Table,
  request: FindAndUpdateRequest,
): Promise<PlainDocument | undefined> {
  const { returnDocument, projection } = request;
  const given = (document: PlainDocument | undefined) => document && project(document, projection);
  return orAgain(request, () =>
    database.transaction(async () => {
      const { before, after } = await changeOne(table, request);
      if (before) return given(returnDocument === 'before' ? before : after);
      if (!request.upsert) return undefined;
      await upsert(table, request.upsert);
      return given(returnDocument === 'before' ? undefined : request.upsert);
    }),
  );
}

type OneRequest = Pick<UpdateRequest, 'filter' | 'change'> & Partial<Pick<FindAndUpdateRequest, 'sort'>>;

interface ChangedOne {
  readonly outcome: UpdateOutcome;
  readonly before?: PlainDocument;
  readonly after?: PlainDocument;
}

async function changeOne(table: Table, { filter, change, sort = [] }: OneRequest): Promise<ChangedOne> {
  const locked = await lockOne(table, filter, sort);
  if (!locked) return { outcome: untouched };
  const after = changed(locked, change, new Date(), table.collection);
  const differs = !sameValue(locked.document, after);
  if (differs) await store(table, [after]);
  const outcome = { matchedCount: 1, modifiedCount: Number(differs), upsertedId: undefined };
  return { outcome, before: locked.document, after };
}

async function changeMany(table: Table, { filter, change }: UpdateRequest): Promise<UpdateOutcome> {
  const now = new Date();
  let [matchedCount, modifiedCount] = [0, 0];
  for (let after = ''; ;) {
    const batch = await lockMany(table, filter, after, batchSize);
    const changes = batch.flatMap((locked) => {
      const next = changed(locked, change, now, table.collection);
      return sameValue(locked.document, next) ? [] : [next];
    });
    await store(table, changes);
    matchedCount += batch.length;
    modifiedCount += changes.length;
    if (batch.length < batchSize) return { matchedCount, modifiedCount, upsertedId: undefined };
    after = batch.at(-1)?.id ?? '';
  }
}

async function upsert(table: Table, document: PlainDocument): Promise<UpdateOutcome> {
  await insert(table, [document]);
  return { ...untouched, upsertedId: document._id as string };
}

/** Of two upserts of one key the second finds what the first has inserted. */
async function orAgain<Value>({ upsert }: Pick<UpdateRequest, 'upsert'>, work: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!upsert || !isDuplicate(error) || attempt === upsertAttempts) throw error;
    }
  }
}
