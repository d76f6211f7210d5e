import { faultOfAttribute, isAttributeName, missingAttribute, textOfAttribute } from './attributes.ts';
import type { Binding } from './binding.ts';
import type { AttributeValue, CloudEvent } from './cloud-event.ts';
import { encodeData } from './data.ts';
import { malformed } from './faults.ts';
import { encodeHeaderValue } from './header-value.ts';
import { maximumDepthOf } from './limits.ts';
import { toWire, type EncodeOptions, type WireMessage } from './wire-message.ts';

/**
 * Writes an event in binary mode: attributes as headers, data as the body. Data that is bytes goes as it is; else the
 * content type says how it is written (JSON, or UTF-8).
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_MALFORMED, PAYLOAD_ENCODING_UNKNOWN or PAYLOAD_TOO_LARGE.
 */
export function encodeBinary(event: CloudEvent, binding: Binding, options: EncodeOptions = {}): WireMessage {
  const headers: Record<string, string> = {};
  const [prefix] = binding.prefixes;
  for (const name of Object.keys(event)) {
    if (name === 'data' || name === 'datacontenttype') continue;
    const value = writableAttribute(event, name);
    if (value === undefined) continue;
    const text = textOfAttribute(value);
    headers[binding.headers.get(name) ?? prefix + name] = binding.percentEncoded ? encodeHeaderValue(text) : text;
  }
  expectComplete(event);
  writableAttribute(event, 'datacontenttype');
  const { bytes, contentType } = encodeData(event, maximumDepthOf(options));
  if (contentType !== undefined) {
    const isOwnHeader = binding.dataContentType === 'content-type';
    headers[binding.dataContentType] = isOwnHeader ? contentType : encodeHeaderValue(contentType);
  }
  return toWire(headers, bytes, options, event.type);
}

/** @throws {ServiceError} invalid_argument, PAYLOAD_MALFORMED, for an attribute that no message can have. */
export function writableAttribute(event: CloudEvent, name: string): AttributeValue | undefined {
  const value = event[name];
  if (value === undefined || value === null) return undefined;
  if (!isAttributeName(name)) {
    throw malformed('write the event', 'the name of an extension has other characters than `a` to `z` and digits');
  }
  const fault = faultOfAttribute(name, value);
  if (fault !== undefined) throw malformed('write the event', `its \`${name.slice(0, 40)}\` ${fault}`);
  return value as AttributeValue;
}

export function expectComplete(event: CloudEvent): void {
  const missing = missingAttribute(event);
  if (missing !== undefined) throw malformed('write the event', `it has no \`${missing}\``);
}
