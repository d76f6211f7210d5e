import { isUtf8 } from 'node:buffer';
import { malformed } from './faults.ts';
import { harmIn } from './harm-in.ts';

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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('read the message', 'it is not the JSON that its content type says');
  }
  const harm = harmIn(value, maximumDepth);
  if (harm === 'deep') throw malformed('read the message', nestedTooDeep(maximumDepth));
  if (harm === 'key') throw malformed('read the message', forbiddenKey);
  if (harm === 'number' && hasInexactNumber(text)) throw malformed('read the message', inexactNumber);
  return value;
}

/**
 * Writes JSON that `readJson` takes.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_MALFORMED, when JSON cannot say it or readers would refuse it.
 */
export function writeJson(value: unknown, maximumDepth: number): Uint8Array {
  let text: string | undefined;
  let harm: ReturnType<typeof harmIn>;
  try {
    harm = harmIn(value, maximumDepth);
    // What is nested in a circle is too deep already.
    if (harm !== 'deep') text = JSON.stringify(value);
  } catch {
    // What the data itself throws may hold anything.
  }
  if (harm === 'deep') throw malformed('write the event', nestedTooDeep(maximumDepth));
  if (text === undefined) throw malformed('write the event', 'its data cannot be said in JSON');
  if (harm === 'key') throw malformed('write the event', forbiddenKey);
  if (harm === 'number' && hasInexactNumber(text)) throw malformed('write the event', inexactNumber);
  return Buffer.from(text);
}

export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const nestedTooDeep = (maximumDepth: number) => `its JSON is nested deeper than ${maximumDepth} levels`;
const forbiddenKey = 'its JSON has a key that changes what objects are, such as `__proto__`';
const inexactNumber = 'its JSON has a number that is too large to be kept as it is. Send it as text';

/** RFC 8259 section 6: on whole numbers past 2^53, and on those past a double, the readers of JSON do not agree. */
function hasInexactNumber(text: string): boolean {
  let found = false;
  const look = (_key: string, value: unknown, { source }: { source?: string }) => {
    if (typeof value !== 'number') return null;
    found ||= !Number.isFinite(value) || (!Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? ''));
    return null;
  };
  JSON.parse(text, look as Parameters<typeof JSON.parse>[1]);
  return found;
}
