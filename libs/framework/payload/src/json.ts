import { isUtf8 } from 'node:buffer';
import { malformed, type Doing } from './faults.ts';
import { isDeeperThan } from './nesting.ts';

/** @throws {ServiceError} invalid_argument, PAYLOAD_MALFORMED, when the bytes are not UTF-8. */
export function readUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw malformed('read the message', 'its text is not UTF-8');
  return viewOf(bytes).toString();
}

/**
 * Reads JSON that others wrote.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_MALFORMED, when it is no JSON, or is JSON that does harm: nested too
 *   deep, with the key `__proto__` or its like, or with numbers that would come out as other ones.
 */
export function readJson(bytes: Uint8Array, maximumDepth: number): unknown {
  const text = readUtf8(bytes);
  if (isDeeperThan(text, maximumDepth)) throw malformed('read the message', nestedTooDeep(maximumDepth));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('read the message', 'it is not the JSON that its content type says');
  }
  expectHarmless(text, 'read the message');
  return value;
}

/**
 * Writes JSON that `readJson` takes.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_MALFORMED, when JSON cannot say it or readers would refuse it.
 */
export function writeJson(value: unknown, maximumDepth: number): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Also a stack that is too small for data that is nested without end.
  }
  if (text === undefined) throw malformed('write the event', 'its data cannot be said in JSON');
  if (isDeeperThan(text, maximumDepth)) throw malformed('write the event', nestedTooDeep(maximumDepth));
  expectHarmless(text, 'write the event');
  return text;
}

export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const nestedTooDeep = (maximumDepth: number) => `its JSON is nested deeper than ${maximumDepth} levels`;

// Where neither matches there is nothing to find, which is so nearly always. Escapes hide letters and the underscore.
const maybeForbiddenKey = /__proto__|"constructor"|\\u00[5-7]/;
const maybeHugeNumber = /(?:^|[:,[\s])-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})/;

function expectHarmless(text: string, doing: Doing): void {
  if (!maybeForbiddenKey.test(text) && !maybeHugeNumber.test(text)) return;
  let fault: string | undefined;
  const look = (key: string, value: unknown, context: { source?: string }) => {
    if (isForbidden(key, value)) fault = 'its JSON has a key that changes what objects are, such as `__proto__`';
    if (isHuge(value, context.source)) fault = 'its JSON has a number that is too large to be kept. Send it as text';
    // What is made of the text is thrown away, but for what `isForbidden` looks at.
    return key === 'prototype' || typeof value === 'object' ? value : null;
  };
  JSON.parse(text, look as Parameters<typeof JSON.parse>[1]);
  if (fault !== undefined) throw malformed(doing, fault);
}

/** What a careless merge would write into the prototype of all objects. */
function isForbidden(key: string, value: unknown): boolean {
  if (key === '__proto__') return true;
  return key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

/** RFC 8259 section 6: past these the readers of JSON do not agree on the number. */
function isHuge(value: unknown, source: string | undefined): boolean {
  if (typeof value !== 'number') return false;
  return !Number.isFinite(value) || (!Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? ''));
}
