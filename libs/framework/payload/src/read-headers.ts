import { faultOfAttribute, isAttributeName } from './attributes.ts';
import type { Binding } from './binding.ts';
import { encodingUnknown, malformed } from './faults.ts';
import { decodeHeaderValue } from './header-value.ts';

/** What the headers of a message say. */
export interface ReadHeaders {
  readonly mode: 'binary' | 'structured' | 'batch';
  /** `content-encoding` as it came. */
  readonly encoding: unknown;
  /** The attributes of an event in binary mode, `datacontenttype` included; each is as it may be, none need be there. */
  readonly attributes: Record<string, unknown>;
}

/**
 * Reads the headers of a message. Headers that are no attributes are left out.
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_MALFORMED, or PAYLOAD_ENCODING_UNKNOWN for a format of events other
 *   than JSON.
 */
export function readHeaders(headers: Readonly<Record<string, unknown>>, binding: Binding): ReadHeaders {
  const found: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  for (const key of Object.keys(headers)) {
    const value = valueOf(headers[key], key);
    if (value === undefined) continue;
    const known = binding.attributes.get(key);
    if (known !== undefined) {
      put(attributes, known, value);
      continue;
    }
    const plain = plainName(key, binding);
    if (plain !== undefined) {
      put(found, plain, value);
      continue;
    }
    const name = attributeName(key, binding);
    if (name !== undefined) put(attributes, name, value);
  }
  const contentType = found['content-type'];
  const mode = modeOf(contentType, binding, attributes);
  const encoding = found['content-encoding'];
  if (mode !== 'binary') return { mode, encoding, attributes: {} };
  for (const name of Object.keys(attributes)) attributes[name] = readAttribute(name, attributes[name], binding);
  takeContentType(attributes, contentType, binding);
  return { mode, encoding, attributes };
}

/** HTTP protocol binding 1.0.2 section 3: the content type alone tells. */
function modeOf(contentType: unknown, binding: Binding, attributes: object): ReadHeaders['mode'] {
  if (contentType === 'application/json') return 'binary';
  if (contentType === undefined) {
    return binding.structuredByDefault && !Object.hasOwn(attributes, 'specversion') ? 'structured' : 'binary';
  }
  const mediaType = typeof contentType === 'string' ? contentType.slice(0, 100).toLowerCase() : '';
  if (!mediaType.startsWith('application/cloudevents')) return 'binary';
  const [, batch, format] = /^application\/cloudevents(-batch)?(\+json)?[ \t]*(?:;|$)/.exec(mediaType) ?? [];
  if (format === undefined) {
    throw encodingUnknown('read the message', 'its format of events is not JSON, the only one that is read');
  }
  const charset = /;[ \t]*charset[ \t]*=[ \t]*"?([^ \t;"]*)/.exec(mediaType)?.[1] ?? 'utf-8';
  if (!/^(?:utf-?8|us-ascii)$/.test(charset)) {
    throw encodingUnknown('read the message', 'its charset is not UTF-8, the only one that is read');
  }
  return batch === undefined ? 'structured' : 'batch';
}

/** `datacontenttype` has one place; a second one could say something else. */
function takeContentType(attributes: Record<string, unknown>, contentType: unknown, binding: Binding): void {
  const stated = attributes.datacontenttype;
  if (stated !== undefined && binding.dataContentType === 'content-type') {
    throw malformed('read the message', 'it has `datacontenttype` as a header of its own, besides its content type');
  }
  if (stated !== undefined || contentType === undefined) return;
  const fault = faultOfAttribute('datacontenttype', contentType);
  if (fault !== undefined) throw malformed('read the message', `its content type ${fault}`);
  attributes.datacontenttype = contentType;
}

function readAttribute(name: string, raw: unknown, binding: Binding): unknown {
  let value = raw;
  if (raw instanceof Date) value = Number.isNaN(raw.getTime()) ? raw : raw.toISOString();
  else if (typeof raw === 'string' && binding.percentEncoded) {
    try {
      value = decodeHeaderValue(raw);
    } catch {
      throw malformed('read the message', `its \`${name.slice(0, 40)}\` is not the percent-encoded UTF-8 that it says`);
    }
  }
  const fault = faultOfAttribute(name, value);
  if (fault !== undefined) throw malformed('read the message', `its \`${name.slice(0, 40)}\` ${fault}`);
  return value;
}

/** The one value of a header; `undefined` when there is none. */
function valueOf(value: unknown, key: string): unknown {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return value;
  // Lists of headers that are none of ours, such as `x-death`, are left to those whose they are.
  if (value.length === 1) return value[0] as unknown;
  if (value.length === 0 || !/^(?:ce-|cloudEvents|content-)/i.test(key)) return undefined;
  throw malformed('read the message', 'one of its headers has several values');
}

function plainName(key: string, { ignoresCase }: Binding): 'content-type' | 'content-encoding' | undefined {
  if (key === 'content-type' || key === 'content-encoding') return key;
  if (!ignoresCase || (key.length !== 12 && key.length !== 16)) return undefined;
  const name = key.toLowerCase();
  return name === 'content-type' || name === 'content-encoding' ? name : undefined;
}

function attributeName(key: string, { prefixes, ignoresCase }: Binding): string | undefined {
  for (const prefix of prefixes) {
    if (!key.startsWith(prefix) && !(ignoresCase && key.slice(0, prefix.length).toLowerCase() === prefix)) continue;
    const name = ignoresCase ? key.slice(prefix.length).toLowerCase() : key.slice(prefix.length);
    if (name === 'data')
      throw malformed('read the message', 'it has `data` as a header, which no attribute may be called');
    return isAttributeName(name) ? name : undefined;
  }
  return undefined;
}

function put(record: Record<string, unknown>, name: string, value: unknown): void {
  if (Object.hasOwn(record, name)) throw malformed('read the message', `it has \`${name.slice(0, 40)}\` twice`);
  record[name] = value;
}
