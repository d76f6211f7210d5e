import type { AttributeValue } from './cloud-event.ts';

// CloudEvents 1.0.2, "Naming Conventions" and "Type System".

/** Attributes whose type is known: text that is not empty. */
export const knownAttributes = [
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'traceparent',
  'tracestate',
  'partitionkey',
  'dataref',
  'correlationid',
  'causationid',
  'expirytime',
] as const;

const required = ['specversion', 'id', 'source', 'type'] as const;
const texts: ReadonlySet<string> = new Set(knownAttributes);

const timestamp =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

const printableAscii = /^[\x20-\x7e]*$/;
// Control characters and noncharacters; half of a surrogate pair is found by `isWellFormed`.
const forbidden = /[\u0000-\u001f\u007f-\u009f\p{Noncharacter_Code_Point}]/u;

/** Whether a message may call an attribute so. At most 20 characters are asked of who makes one, not of who reads it. */
export function isAttributeName(name: string): boolean {
  return texts.has(name) || (/^[a-z0-9]+$/.test(name) && name !== 'data');
}

/** Whether an extension may be called so when an event is made. */
export function isExtensionName(name: string): boolean {
  return /^[a-z0-9]{1,20}$/.test(name) && name !== 'data' && !texts.has(name);
}

/** What is wrong with the value of an attribute, in words that hold nothing of it; `undefined` when nothing is. */
export function faultOfAttribute(name: string, value: unknown): string | undefined {
  if (typeof value === 'string') {
    if (!printableAscii.test(value) && (forbidden.test(value) || !value.isWellFormed())) {
      return 'has characters that no attribute may have';
    }
    if (value === '') return texts.has(name) ? 'is empty' : undefined;
    if ((name === 'time' || name === 'expirytime') && !timestamp.test(value)) return 'is no timestamp of RFC 3339';
    return name === 'specversion' && value !== '1.0' ? 'is not `1.0`, the only version that is read' : undefined;
  }
  if (texts.has(name)) return 'is not text';
  if (typeof value === 'number') return (value | 0) === value ? undefined : 'is no whole number of 32 bits';
  if (typeof value === 'boolean' || value instanceof Uint8Array) return undefined;
  return 'is neither text nor a number, a boolean or bytes';
}

/** The canonical string of a value that has no fault. */
export function textOfAttribute(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value);
}

/** The first of the attributes that every event has and this one has not. */
export function missingAttribute(attributes: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of required) if (attributes[name] === undefined || attributes[name] === null) return name;
  return undefined;
}

/** RFC 3986 section 4.1: characters of a URI reference alone, each percent sign with two digits. */
export function isUriReference(value: string): boolean {
  return /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9a-f]{2})+$/i.test(value);
}

/** RFC 3986 section 4.3: a URI that begins with its scheme. */
export function isAbsoluteUri(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(value) && isUriReference(value);
}
