import { Secret } from '@org/config';
import { errorProperties, properties } from './properties.ts';
import { redactText } from './redact-text.ts';
import { isSecretName, secretMark } from './secret-names.ts';

// Bounds of what one value can add to a line.
const maximumDepth = 8;
const maximumEntries = 100;
const maximumSize = 65_536;
const sizeOfNode = 16;

/** A walk through one value: where it is, and about how many characters it has gathered. */
interface Walk {
  readonly path: object[];
  size: number;
}

/**
 * A deep copy that is safe to print: `Secret`s and values under the names of secrets shown as `[secret]`, URLs without
 * their passwords, errors as plain objects. Never throws, and ends for every value: cycles and throwing getters are
 * marked as such, and depth (8), entries of a collection (100), a text (16 384 characters) and the whole (about 64 KiB)
 * are bounded.
 */
export function redact(value: unknown): unknown {
  return copy(value, { path: [], size: 0 });
}

function copy(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case 'string':
      return copyText(value, walk);
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'function':
      return undefined;
    case 'object':
      return value === null ? null : copyObject(value, walk);
    default:
      return value;
  }
}

function copyText(text: string, walk: Walk): string {
  if (walk.size >= maximumSize) return '[too large]';
  const copied = redactText(text);
  walk.size += copied.length;
  return copied;
}

function copyObject(value: object, walk: Walk): unknown {
  if (walk.path.includes(value)) return '[circular]';
  if (walk.path.length >= maximumDepth) return '[too deep]';
  if (walk.size >= maximumSize) return '[too large]';
  walk.size += sizeOfNode;
  walk.path.push(value);
  try {
    return copyByKind(value, walk);
  } catch {
    // A proxy or a `toJSON` that throws must not keep the line from being written.
    return '[unreadable]';
  } finally {
    walk.path.pop();
  }
}

function copyByKind(value: object, walk: Walk): unknown {
  if (value instanceof Secret) return String(value);
  if (Error.isError(value)) return copyEntries(errorProperties(value), walk);
  if (Array.isArray(value)) return copyList(value, value.length, walk);
  if (value instanceof Set) return copyList(value, value.size, walk);
  if (value instanceof Map) return copyEntries(value, walk, value.size);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  // Requests, responses and sockets lead to the whole process, and to every header.
  if ('pipe' in value && typeof value.pipe === 'function') return `[${value.constructor.name}]`;
  if (hasToJson(value)) return copy(value.toJSON(), walk);
  return copyEntries(properties(value), walk);
}

function copyList(values: Iterable<unknown>, length: number, walk: Walk): unknown[] {
  const copies: unknown[] = [];
  for (const value of values) {
    if (copies.length >= maximumEntries) break;
    copies.push(copy(value, walk));
  }
  if (length > copies.length) copies.push(`[${length - copies.length} more]`);
  return copies;
}

function copyEntries(
  entries: Iterable<readonly [unknown, unknown]> & { readonly length?: number },
  walk: Walk,
  length = entries.length ?? 0,
): Record<string, unknown> {
  // Without a prototype, the name `__proto__` is a name like any other.
  const copies = Object.create(null) as Record<string, unknown>;
  let count = 0;
  for (const [key, value] of entries) {
    if (count >= maximumEntries) break;
    count += 1;
    const name = typeof key === 'string' ? key : String(copy(key, walk));
    copies[copyText(name, walk)] = copyNamed(name, value, walk);
  }
  if (length > count) copies['…'] = `[${length - count} more]`;
  return copies;
}

function copyNamed(name: string, value: unknown, walk: Walk): unknown {
  // Whether there is a secret is none: `hasPassword: true`, `token: null`.
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  return isSecretName(name) ? secretMark : copy(value, walk);
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
