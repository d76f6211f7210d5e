import type { ServiceError } from '@org/errors';
import type { CloudEvent } from './cloud-event.ts';
import { contentKindOf, type ContentKind } from './content-type.ts';
import { encodingUnknown, malformed, type Doing } from './faults.ts';
import { readJson, readUtf8, writeJson } from './json.ts';

/**
 * What the data of an event is, by its content type: JSON where nothing is said, as in the JSON format, section 3.1.1.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_MALFORMED or PAYLOAD_ENCODING_UNKNOWN.
 */
export function kindOfData(contentType: string | undefined, doing: Doing): ContentKind {
  if (contentType === undefined) return 'json';
  const kind = contentKindOf(contentType);
  if (kind === 'no-media-type') throw noMediaType(doing);
  if (kind === 'charset') throw encodingUnknown(doing, 'its charset is not UTF-8, the only one that is read');
  return kind;
}

/** Data as bytes, and the media type that says what they are. */
export interface EncodedData {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** The data of an event as bytes: none where it has none. */
export function encodeData(event: CloudEvent, maximumDepth: number): EncodedData {
  const { data, datacontenttype: contentType } = event;
  if (data === undefined || data instanceof Uint8Array) {
    expectMediaType(contentType);
    return { bytes: data ?? Buffer.alloc(0), contentType };
  }
  const kind = kindOfData(contentType, 'write the event');
  if (kind === 'json') {
    return { bytes: writeJson(data, maximumDepth), contentType: contentType ?? 'application/json' };
  }
  if (typeof data === 'string') return { bytes: Buffer.from(data), contentType };
  throw malformed('write the event', kindMismatch(kind));
}

/** Data as its content type says it is; bytes where nothing is said. */
export function decodeData(bytes: Uint8Array, contentType: string | undefined, maximumDepth: number): unknown {
  if (contentType === undefined) return bytes;
  const kind = kindOfData(contentType, 'read the message');
  if (kind === 'json') return readJson(bytes, maximumDepth);
  return kind === 'text' ? readUtf8(bytes) : bytes;
}

export function kindMismatch(kind: ContentKind): string {
  return `its data is not ${kind === 'text' ? 'text' : 'text or bytes'}, as its content type says`;
}

/** Of data that is bytes already only this is asked, since nothing of it is read here. */
export function expectMediaType(contentType: string | undefined): void {
  if (contentType !== undefined && contentKindOf(contentType) === 'no-media-type') throw noMediaType('write the event');
}

function noMediaType(doing: Doing): ServiceError {
  return malformed(doing, 'its content type is no media type');
}
