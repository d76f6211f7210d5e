import type { FindQuery, PlainDocument } from '@org/documents';
import type { Document, FindCursor } from 'mongodb';
import type { Clients } from './clients.ts';
import { decodeDocument } from './decode.ts';
import type { Operate } from './operate.ts';
import type { Target } from './target.ts';
import { findOptionsOf } from './written.ts';

export interface FindParts {
  readonly clients: Clients;
  readonly target: Target;
  readonly operate: Operate;
  readonly collection: string;
}

/** Documents in batches, by a cursor that is closed when whoever reads goes away. */
export async function* findBatches(
  { clients, target, operate, collection }: FindParts,
  query: FindQuery,
): AsyncGenerator<readonly PlainDocument[]> {
  const what = `find documents of \`${collection}\``;
  const held = clients.hold();
  let cursor: FindCursor<Document> | undefined;
  const next = async (maxTimeMS: number) => {
    // The time of the server is for all batches together, and whoever reads may take theirs.
    cursor ??= held.client
      .db(target.database)
      .collection(collection)
      .find<Document>(query.filter.given, { ...findOptionsOf(query), ...(isShort(query) && { maxTimeMS }) });
    return (await cursor.hasNext()) ? cursor.readBufferedDocuments() : undefined;
  };
  try {
    for (let name = 'find'; ; name = 'getMore') {
      const batch = await operate({ name, what, writes: false }, ({ maxTimeMS }) => next(maxTimeMS));
      if (!batch) return;
      yield batch.map((document: object) => decodeDocument(document, collection));
    }
  } finally {
    await cursor?.close().catch(() => {});
    held.release();
  }
}

function isShort({ limit, batchSize }: FindQuery): boolean {
  return limit !== undefined && limit <= batchSize;
}
