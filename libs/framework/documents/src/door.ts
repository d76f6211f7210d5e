import type { Violation } from '@org/errors';
import { pointerTo } from '@org/errors';
import * as z from 'zod';
import type { CollectionDefinition } from './definition.ts';
import { documentInvalid } from './document-errors.ts';
import { createId } from './create-id.ts';
import { toPlain, type PlainDocument } from './values.ts';

/** How many violations are told. */
const maximumViolations = 20;

/**
 * A document as it is stored: as the schema gives it back, with an `_id`, and with nothing that a database cannot keep.
 *
 * @throws {ServiceError} invalid_argument, DOCUMENT_INVALID.
 */
export function admit(definition: CollectionDefinition, given: unknown, doing: string): PlainDocument {
  const { schema } = definition;
  const { _id = createId(), ...fields } = (given ?? {}) as PlainDocument;
  const named = '_id' in schema.shape;
  const parsed = z.safeParse(schema, named ? { _id, ...fields } : fields);
  if (!parsed.success) throw invalid(doing, parsed.error.issues);
  return plain({ _id, ...parsed.data }, doing);
}

/**
 * What an upsert would insert, which has to be a document of the collection too. What the filter and the update say stays as
 * they say it; what they do not speak of is as the schema has it.
 */
export function admitUpserted(definition: CollectionDefinition, document: PlainDocument, doing: string): PlainDocument {
  return plain({ ...admit(definition, document, doing), ...document }, doing);
}

function plain(document: PlainDocument, doing: string): PlainDocument {
  const violations: Violation[] = [];
  const stored = toPlain(document, (violation) => violations.length < maximumViolations && violations.push(violation));
  const { _id } = document;
  if (typeof _id !== 'string' || _id === '' || _id.length > 1_000) {
    violations.push({ pointer: '/_id', detail: 'expected a text of 1 to 1000 characters' });
  }
  if (violations.length > 0) throw documentInvalid(doing, violations);
  return stored as PlainDocument;
}

function invalid(doing: string, issues: readonly z.core.$ZodIssue[]) {
  const told = issues.slice(0, maximumViolations);
  return documentInvalid(
    doing,
    told.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message })),
  );
}
