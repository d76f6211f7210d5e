/** The names of a dotted path, outermost first. */
export type Segments = readonly string[];

/** How deep documents may be, as in MongoDB. */
export const maximumDepth = 100;

/**
 * @param what For errors, such as `a filter`.
 * @throws {TypeError} when it is no path that all databases read alike.
 */
export function parsePath(path: string, what: string): Segments {
  const segments = path.split('.');
  const bad = segments.find((segment) => whyNoName(segment) !== undefined || /^-\d+$/.test(segment));
  if (bad === undefined && segments.length <= maximumDepth) return segments;
  throw new TypeError(
    `Expected the paths of ${what} to be names of fields with dots between them, got \`${path.slice(0, 100)}\``,
  );
}

/** Why a field cannot have this name; `undefined` if it can. */
export function whyNoName(name: string): string | undefined {
  if (name === '') return 'a name is empty';
  if (name.startsWith('$')) return 'a name begins with `$`, as operators do';
  if (name.includes('.')) return 'a name has a dot, as paths do';
  if (name === '__proto__') return 'a name is `__proto__`';
  return whyNoText(name);
}

/** Why a text cannot be stored; `undefined` if it can. */
export function whyNoText(text: string): string | undefined {
  if (text.includes('\0')) return 'a text has the character U+0000, which PostgreSQL does not store';
  return text.isWellFormed() ? undefined : 'a text has half of a surrogate pair, which is no character';
}

export function isIndex(segment: string): boolean {
  return /^\d+$/.test(segment);
}

/** Whether one of two paths is the other, or leads to it. */
export function overlap(one: Segments, other: Segments): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((segment, index) => segment === other[index]);
}
