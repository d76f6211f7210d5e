import { isSecretSchema, metaOf, notation, parseWith, type Schema } from './schema.ts';

/**
 * Any text. With a `pattern` only what matches it, and `expected` completes the sentence "expected …".
 *
 * @throws {TypeError} when only one of the two is given.
 */
export function text(options: { pattern?: RegExp; expected?: string } = {}): Schema<string> {
  const { pattern, expected } = options;
  if ((pattern === undefined) !== (expected === undefined)) {
    throw new TypeError(
      `Expected \`pattern\` and \`expected\` together, got only \`${pattern ? 'pattern' : 'expected'}\``,
    );
  }
  return notation({ type: 'text', expected: expected ?? 'a text' }, (value) =>
    // A pattern with a sticky or global flag remembers where it stopped; `search` does not.
    !pattern || value.search(pattern) !== -1 ? value : undefined,
  );
}

export interface IntegerOptions {
  readonly min?: number;
  readonly max?: number;
}

/**
 * A whole decimal number. Default limits: those of exact numbers, ±9 007 199 254 740 991.
 *
 * @throws {RangeError} when a limit is not a whole number, or `min` is above `max`.
 */
export function integer(options: IntegerOptions = {}): Schema<number> {
  const { min, max } = options;
  assertLimits(min, max);
  const limits = [min !== undefined && `from ${min}`, max !== undefined && `to ${max}`].filter(Boolean).join(' ');
  const expected = `a whole number${limits && ` ${limits}`}${min !== undefined && max === undefined ? ' up' : ''}`;
  return notation({ type: 'integer', expected }, (value) => integerWithin(value, min, max));
}

/** A TCP port from 0 to 65535; 0 lets the system choose a free one. */
export function port(): Schema<number> {
  return notation({ type: 'port', expected: 'a port from 0 to 65535' }, (value) => integerWithin(value, 0, 65535));
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

/** `true` or `false`; also `yes`, `no`, `on`, `off`, `1` and `0`, in upper or lower case. */
export function boolean(): Schema<boolean> {
  return notation({ type: 'boolean', expected: '`true` or `false`' }, (value) => {
    const word = value.toLowerCase();
    return Object.hasOwn(booleans, word) ? booleans[word] : undefined;
  });
}

/** One of a few words, exactly as they are written. */
export function oneOf<const Word extends string>(words: readonly Word[]): Schema<Word> {
  if (words.length === 0) throw new TypeError('Expected `words` to hold at least one word, got none');
  const expected = `one of ${words.map((word) => `\`${word}\``).join(', ')}`;
  return notation({ type: 'word', expected }, (value) => words.find((word) => word === value));
}

/**
 * Several values with commas between them; white space around each is left out, and none may be empty.
 *
 * @throws {TypeError} for a list of secrets: a secret that is a list is `secret(list(…))`.
 */
export function list<Item>(item: Schema<Item>): Schema<readonly Item[]> {
  if (isSecretSchema(item)) {
    throw new TypeError('Expected `item` not to be a secret, got one. Write `secret(list(…))` instead');
  }
  const { type, expected } = metaOf(item);
  return notation({ type: `list of ${type ?? 'text'}`, expected: `a list with commas, each ${expected}` }, (value) => {
    const parts = value.split(',').map((part) => part.trim());
    const items = parts.map((part) => (part === '' ? undefined : parseWith(item, part)));
    return items.every((parsed) => parsed !== undefined) ? items.map((parsed) => parsed.value) : undefined;
  });
}

function integerWithin(value: string, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) {
  if (!/^(0|-?[1-9]\d*)$/.test(value)) return undefined;
  const number = Number(value);
  return number >= min && number <= max ? number : undefined;
}

function assertLimits(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max) {
    throw new RangeError(
      `Expected \`min\` and \`max\` to be whole numbers in this order, got \`${min}\` and \`${max}\``,
    );
  }
}
