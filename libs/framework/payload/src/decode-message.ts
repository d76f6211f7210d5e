import { missingAttribute } from './attributes.ts';
import type { Binding } from './binding.ts';
import type { CloudEvent } from './cloud-event.ts';
import { decompress } from './compression.ts';
import { decodeData, kindOfData } from './data.ts';
import { malformed } from './faults.ts';
import { readJson } from './json.ts';
import { maximumBytesOf, maximumDepthOf, type Limits } from './limits.ts';
import { readHeaders } from './read-headers.ts';
import { eventOfJson } from './structured.ts';
import type { ReceivedMessage } from './wire-message.ts';

/**
 * Reads the event of a message in binary or structured mode, which its content type tells. Data is a JSON value, text or
 * bytes, by the event's content type and nothing else; bytes may share memory with the body.
 *
 * An empty body is no data where it can be none: where JSON is said, or the data is elsewhere (`dataref`).
 *
 * @throws {ServiceError} invalid_argument, with PAYLOAD_MALFORMED, PAYLOAD_ENCODING_UNKNOWN or PAYLOAD_TOO_LARGE, and
 *   nothing of the data in its message.
 */
export function decodeMessage(message: ReceivedMessage, binding: Binding, limits: Limits = {}): CloudEvent {
  const { mode, encoding, attributes } = readHeaders(message.headers, binding);
  if (mode === 'batch') throw malformed('read the message', 'it is a batch, which `decodeBatch` reads');
  const maximumDepth = maximumDepthOf(limits);
  if (mode === 'binary') {
    const missing = missingAttribute(attributes);
    if (missing !== undefined) throw malformed('read the message', `it has no \`${missing}\``);
  }
  const body = decompress(message.body, encoding, binding, maximumBytesOf(limits));
  // The event itself is one level more.
  if (mode === 'structured') return eventOfJson(readJson(body, maximumDepth + 1), maximumDepth);
  const contentType = attributes.datacontenttype as string | undefined;
  if (body.length > 0) attributes.data = decodeData(body, contentType, maximumDepth);
  else if (contentType !== undefined && attributes.dataref === undefined) {
    const nothing = emptyData(contentType);
    if (nothing !== undefined) attributes.data = nothing;
  }
  return attributes as unknown as CloudEvent;
}

function emptyData(contentType: string): unknown {
  return kindOfData(contentType, 'read the message') === 'json'
    ? undefined
    : decodeData(Buffer.alloc(0), contentType, 1);
}
