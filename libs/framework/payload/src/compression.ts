import { constants } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Binding } from './binding.ts';
import { encodingUnknown, malformed, tooLarge } from './faults.ts';

/** A body with gzip's encoding when that makes it smaller. */
export function compress(body: Uint8Array, aboveBytes: number): Uint8Array | undefined {
  if (body.length <= aboveBytes) return undefined;
  const compressed = gzipSync(body);
  return compressed.length < body.length ? compressed : undefined;
}

/**
 * The body of a message as it was before compression.
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_ENCODING_UNKNOWN, PAYLOAD_MALFORMED when it is not what its encoding
 *   says, PAYLOAD_TOO_LARGE as soon as it has more than `maximumBytes` bytes.
 */
export function decompress(body: Uint8Array, encoding: unknown, binding: Binding, maximumBytes: number): Uint8Array {
  if (body.length > maximumBytes) throw tooLarge('read the message', 'its body', maximumBytes);
  if (encoding === undefined || encoding === null || encoding === '') return body;
  const name = typeof encoding === 'string' ? encoding.trim().toLowerCase() : undefined;
  if (name !== undefined && binding.plainEncodings.includes(name)) return body;
  if (name !== 'gzip' && name !== 'x-gzip') {
    throw encodingUnknown('read the message', 'its `content-encoding` is not `gzip`, the only one that is read');
  }
  try {
    return gunzipSync(body, { maxOutputLength: Math.min(maximumBytes, constants.MAX_LENGTH) });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge('read the message', 'its body, decompressed,', maximumBytes);
    }
    throw malformed('read the message', 'its body is not the gzip that its `content-encoding` says');
  }
}
