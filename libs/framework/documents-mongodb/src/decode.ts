import type { PlainDocument } from '@org/documents';
import { ServiceError, pointerTo } from '@org/errors';

/**
 * A document as the core takes it.
 *
 * @throws {ServiceError} data_loss, DOCUMENT_UNREADABLE, for what others have stored and JSON and dates do not hold, such as an
 *   `ObjectId` or a `Decimal128`.
 */
export function decodeDocument(document: object, collection: string): PlainDocument {
  assertPlain(document, collection, []);
  return document as PlainDocument;
}

export function assertPlain(value: unknown, collection: string, at: readonly string[]): void {
  if (typeof value !== 'object' || value === null || value instanceof Date) {
    if (typeof value !== 'bigint') return;
    throw unreadable(collection, at, 'Long');
  }
  if (Array.isArray(value))
    return value.forEach((each, index) => assertPlain(each, collection, [...at, String(index)]));
  const { _bsontype: type } = value as { readonly _bsontype?: unknown };
  if (typeof type === 'string' && Object.getPrototypeOf(value) !== Object.prototype)
    throw unreadable(collection, at, type);
  if (value instanceof RegExp || value instanceof Uint8Array) throw unreadable(collection, at, value.constructor.name);
  for (const [name, field] of Object.entries(value)) assertPlain(field, collection, [...at, name]);
}

function unreadable(collection: string, at: readonly string[], type: string): ServiceError {
  const why = `${pointerTo(at)} is a ${type}, and only JSON and dates are read. Convert it, or read it with the driver`;
  return new ServiceError('data_loss', `Cannot read a document of \`${collection}\`: ${why}`, {
    reason: 'DOCUMENT_UNREADABLE',
    details: { collection, pointer: pointerTo(at) },
  });
}
