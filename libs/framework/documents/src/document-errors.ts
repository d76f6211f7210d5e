import { ServiceError, type Violation } from '@org/errors';

export function documentInvalid(doing: string, violations: readonly Violation[]): ServiceError {
  const [first] = violations;
  const why = first ? `${first.pointer || 'the whole'}: ${first.detail}` : 'it does not fit its schema';
  return new ServiceError('invalid_argument', `Cannot ${doing}: ${why}`, {
    reason: 'DOCUMENT_INVALID',
    details: { violations },
  });
}

/** @param size In bytes. */
export function documentTooLarge(doing: string, size: number | undefined, cause?: unknown): ServiceError {
  const what = size === undefined ? 'it is larger than 16 MiB' : `it has ${size} bytes, and 16 MiB is the most`;
  return new ServiceError('invalid_argument', `Cannot ${doing}: ${what}. Keep parts of it in documents of their own`, {
    reason: 'DOCUMENT_TOO_LARGE',
    ...(cause !== undefined && { cause }),
  });
}

/** @param index The name of the index; `undefined` where the database does not tell it. */
export function duplicateKey(
  doing: string,
  collection: string,
  index: string | undefined,
  cause?: unknown,
): ServiceError {
  const which = index === undefined ? 'a unique index' : `the unique index \`${index}\``;
  return new ServiceError('already_exists', `Cannot ${doing}: ${which} has a document with the same key already`, {
    reason: 'DUPLICATE_KEY',
    details: { collection, ...(index !== undefined && { index }) },
    ...(cause !== undefined && { cause }),
  });
}

/** @param why What of the document does not fit the update, in one clause. */
export function updateImpossible(doing: string, why: string, cause?: unknown): ServiceError {
  return new ServiceError('failed_precondition', `Cannot ${doing}: ${why}`, {
    reason: 'UPDATE_IMPOSSIBLE',
    ...(cause !== undefined && { cause }),
  });
}

export function resultTooLarge(doing: string, maximum: number): ServiceError {
  const why = `there are more than ${maximum}. Give a limit, go through them one by one, or raise \`maximum\``;
  return new ServiceError('resource_exhausted', `Cannot ${doing}: ${why}`, { reason: 'RESULT_TOO_LARGE' });
}

export function contended(doing: string): ServiceError {
  const why = 'others took what it found each time that it looked. Try it again';
  return new ServiceError('aborted', `Cannot ${doing}: ${why}`, { reason: 'DOCUMENT_CONTENDED' });
}

export function documentsClosed(doing: string): ServiceError {
  const message = `Cannot ${doing}: the documents are closed, since the service stops`;
  return new ServiceError('unavailable', message, { reason: 'DOCUMENTS_CLOSED', details: { applied: 'no' } });
}

export function collectionMissing(collection: string): ServiceError {
  const why = `the database has no table \`${collection}\` with a column \`doc\``;
  const remedy = `Export \`documentsTable(…)\` from the models of the service, and generate a migration`;
  return new ServiceError('failed_precondition', `Cannot open the collection \`${collection}\`: ${why}. ${remedy}`, {
    reason: 'COLLECTION_MISSING',
    details: { collection },
  });
}

export function indexMissing(collection: string, index: string): ServiceError {
  const why = `its index \`${index}\` is not in the database. Generate a migration, or create it`;
  return new ServiceError('failed_precondition', `Cannot open the collection \`${collection}\`: ${why}`, {
    reason: 'INDEX_MISSING',
    details: { collection, index },
  });
}
