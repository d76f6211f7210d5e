import type { CollectionDefinition } from './definition.ts';
import { updateImpossible } from './document-errors.ts';
import { admit, admitUpserted } from './door.ts';
import type { FilterTree } from './filter/filter-tree.ts';
import { parseFilter } from './filter/parse-filter.ts';
import type { FindAndUpdateRequest, UpdateRequest } from './store.ts';
import { Impossible } from './update/navigate.ts';
import { parseUpdate } from './update/parse-update.ts';
import type { ParsedUpdate } from './update/update-step.ts';
import { upsertedDocument } from './update/upsert.ts';
import type { PlainDocument } from './values.ts';

interface GivenUpdate {
  readonly filter: object;
  readonly update: object;
  readonly many: boolean;
  readonly upsert?: boolean;
}

/** Reads an update, with what it would insert: that is a document of the collection whether it is needed or not. */
export function readUpdate(
  definition: CollectionDefinition,
  { filter, update, many, upsert = false }: GivenUpdate,
  doing: string,
): UpdateRequest & Pick<FindAndUpdateRequest, 'change'> {
  const parsed = parseFilter(filter, definition.schema);
  const change = { kind: 'update', update: parseUpdate(update, definition.schema, doing) } as const;
  const inserted = upsert ? admitUpserted(definition, upserted(parsed.tree, change.update, doing), doing) : undefined;
  return { filter: parsed, change, many, upsert: inserted };
}

interface GivenReplacement {
  readonly filter: object;
  readonly replacement: unknown;
  readonly upsert?: boolean;
}

export function readReplacement(
  definition: CollectionDefinition,
  { filter, replacement, upsert = false }: GivenReplacement,
  doing: string,
): UpdateRequest {
  const parsed = parseFilter(filter, definition.schema);
  const { _id } = upserted(parsed.tree, undefined, doing);
  const given = replacement as PlainDocument;
  if (given._id !== undefined && given._id !== _id) {
    throw new TypeError(`Expected the replacement to have the \`_id\` that the filter has, or none`);
  }
  const document = admit(definition, { ...given, ...(_id !== undefined && { _id }) }, doing);
  return { filter: parsed, change: { kind: 'replace', document }, many: false, upsert: upsert ? document : undefined };
}

function upserted(tree: FilterTree, update: ParsedUpdate | undefined, doing: string): PlainDocument {
  try {
    return upsertedDocument(tree, update, new Date());
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    throw updateImpossible(doing, `${error.message}, so that nothing can be inserted`);
  }
}
