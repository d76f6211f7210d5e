import { ServiceError } from '@org/errors';
import type { Binding } from './binding.ts';
import type { CloudEvent } from './cloud-event.ts';
import { decompress } from './compression.ts';
import { malformed } from './faults.ts';
import { readJson, writeJson } from './json.ts';
import { maximumBytesOf, maximumDepthOf, type Limits } from './limits.ts';
import { readHeaders } from './read-headers.ts';
import { eventOfJson, jsonOf } from './structured.ts';
import { toWire, type EncodeOptions, type ReceivedMessage, type WireMessage } from './wire-message.ts';

export const batchContentType = 'application/cloudevents-batch+json';

/**
 * Writes several events into one message (HTTP protocol binding 1.0.2 section 3.3). Only for receivers who ask for
 * batches.
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_MALFORMED, PAYLOAD_ENCODING_UNKNOWN or PAYLOAD_TOO_LARGE.
 */
export function encodeBatch(events: readonly CloudEvent[], options: EncodeOptions = {}): WireMessage {
  const body = writeJson(events.map(jsonOf), maximumDepthOf(options) + 2);
  return toWire({ 'content-type': batchContentType }, body, options);
}

/**
 * Reads all events of a batch. One that cannot be read makes the whole of it unreadable; `details.index` says which.
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_MALFORMED, PAYLOAD_ENCODING_UNKNOWN or PAYLOAD_TOO_LARGE.
 */
export function decodeBatch(message: ReceivedMessage, binding: Binding, limits: Limits = {}): CloudEvent[] {
  const { mode, encoding } = readHeaders(message.headers, binding);
  if (mode !== 'batch') throw malformed('read the message', `its content type is not \`${batchContentType}\``);
  const maximumDepth = maximumDepthOf(limits);
  const body = decompress(message.body, encoding, binding, maximumBytesOf(limits));
  const list = readJson(body, maximumDepth + 2);
  if (!Array.isArray(list)) throw malformed('read the message', 'the batch is no list');
  return list.map((json, index) => eventOfBatch(json, index, maximumDepth));
}

function eventOfBatch(json: unknown, index: number, maximumDepth: number): CloudEvent {
  try {
    return eventOfJson(json, maximumDepth);
  } catch (thrown) {
    if (!(thrown instanceof ServiceError)) throw thrown;
    const { code, message, reason } = thrown;
    throw new ServiceError(code, `${message} (event ${index} of the batch)`, {
      ...(reason !== undefined && { reason }),
      details: { index },
      cause: thrown,
    });
  }
}
