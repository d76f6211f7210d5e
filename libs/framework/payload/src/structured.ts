import { faultOfAttribute, isAttributeName, missingAttribute } from './attributes.ts';
import type { CloudEvent } from './cloud-event.ts';
import { decodeData, expectMediaType, kindMismatch, kindOfData } from './data.ts';
import { expectComplete, writableAttribute } from './encode-binary.ts';
import { malformed } from './faults.ts';
import { viewOf, writeJson } from './json.ts';
import { maximumDepthOf } from './limits.ts';
import { toWire, type EncodeOptions, type WireMessage } from './wire-message.ts';

// The JSON format of CloudEvents 1.0.2.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md

export const structuredContentType = 'application/cloudevents+json';

/**
 * Writes an event in structured mode, the same for all bindings: one JSON with attributes and data in it; bytes as
 * `data_base64`.
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_MALFORMED, PAYLOAD_ENCODING_UNKNOWN or PAYLOAD_TOO_LARGE.
 */
export function encodeStructured(event: CloudEvent, options: EncodeOptions = {}): WireMessage {
  // The event itself is one level more.
  const body = writeJson(jsonOf(event), maximumDepthOf(options) + 1);
  return toWire({ 'content-type': structuredContentType }, body, options, event.type);
}

/** An event as the JSON format has it. */
export function jsonOf(event: CloudEvent): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const name of Object.keys(event)) {
    if (name === 'data') continue;
    const value = writableAttribute(event, name);
    if (value !== undefined) json[name] = value instanceof Uint8Array ? viewOf(value).toString('base64') : value;
  }
  expectComplete(event);
  const { data, datacontenttype } = event;
  if (data === undefined || data instanceof Uint8Array) {
    expectMediaType(datacontenttype);
    if (data !== undefined) json.data_base64 = viewOf(data).toString('base64');
  } else {
    const kind = kindOfData(datacontenttype, 'write the event');
    if (kind !== 'json' && typeof data !== 'string') throw malformed('write the event', kindMismatch(kind));
    // A member that JSON leaves out would be an event without data.
    if (typeof data === 'function' || typeof data === 'symbol') {
      throw malformed('write the event', 'its data cannot be said in JSON');
    }
    json.data = data;
  }
  return json;
}

/**
 * The event that a JSON value of the JSON format is. Members that are no attributes are left out.
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_MALFORMED or PAYLOAD_ENCODING_UNKNOWN.
 */
export function eventOfJson(json: unknown, maximumDepth: number): CloudEvent {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw malformed('read the message', 'what it holds is no event');
  }
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    if (value === null || !isAttributeName(name)) continue;
    const fault = faultOfAttribute(name, value);
    if (fault !== undefined) throw malformed('read the message', `its \`${name.slice(0, 40)}\` ${fault}`);
    event[name] = value;
  }
  const missing = missingAttribute(event);
  if (missing !== undefined) throw malformed('read the message', `it has no \`${missing}\``);
  const data = dataOfJson(json, event.datacontenttype as string | undefined, maximumDepth);
  if (data !== undefined) event.data = data;
  return event as CloudEvent;
}

/** JSON format section 3.1.2; what the data is depends on the content type alone, as in binary mode. */
function dataOfJson(json: object, contentType: string | undefined, maximumDepth: number): unknown {
  const { data, data_base64: base64 } = json as { data?: unknown; data_base64?: unknown };
  if (base64 !== undefined && base64 !== null) {
    if (data !== undefined) throw malformed('read the message', 'it has both `data` and `data_base64`');
    return decodeData(bytesOf(base64), contentType, maximumDepth);
  }
  if (data === undefined) return undefined;
  const kind = kindOfData(contentType, 'read the message');
  if (kind === 'json') return data;
  if (typeof data !== 'string') throw malformed('read the message', kindMismatch(kind));
  return kind === 'text' ? data : Buffer.from(data);
}

function bytesOf(base64: unknown): Uint8Array {
  if (typeof base64 === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(base64) && base64.length % 4 === 0) {
    return Buffer.from(base64, 'base64');
  }
  throw malformed('read the message', 'its `data_base64` is no base64');
}
