import type { Environment } from './environment.ts';

/** A variable that is set and whose name is one slip of the hand away from a known one. */
export interface Typo {
  readonly set: string;
  /** The known name, or its variant for a file. */
  readonly meant: string;
  /** The known name. */
  readonly variable: string;
}

/** What is set under a name that nobody reads, next to a known name or its variant for a file. */
export function findTypos(environment: Environment, known: readonly string[]): readonly Typo[] {
  const names = known.flatMap((variable) => [
    { variable, meant: variable },
    { variable, meant: `${variable}_FILE` },
  ]);
  const read = new Set(names.map(({ meant }) => meant));
  const strangers = Object.keys(environment).filter((name) => environment[name] && !read.has(name));
  return strangers.flatMap((set) => {
    const near = names.find(({ meant }) => isOneEditAway(set, meant));
    return near ? [{ set, ...near }] : [];
  });
}

/** Whether one inserted, deleted, replaced or swapped character makes one word of the other (Damerau-Levenshtein). */
export function isOneEditAway(one: string, other: string): boolean {
  if (one === other || Math.abs(one.length - other.length) > 1) return false;
  const shortest = Math.min(one.length, other.length);
  let start = 0;
  while (start < shortest && one[start] === other[start]) start++;
  let end = 0;
  while (end < shortest - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const left = one.slice(start, one.length - end);
  const right = other.slice(start, other.length - end);
  const swapped = left.length === 2 && left === `${right[1]}${right[0]}` && right.length === 2;
  return swapped || (left.length <= 1 && right.length <= 1);
}
