import { isDeepStrictEqual } from 'node:util';

type Json = Readonly<Record<string, unknown>>;

/** A key that both sides changed; what ours has of it stays. */
export interface KeyConflict {
  readonly key: string;
  readonly ours: unknown;
  readonly base: unknown;
  readonly theirs: unknown;
}

/**
 * Merges the changes between `base` and `theirs` into `ours`, key by key, so that entries which stand beside each other are no
 * conflict. What is a conflict is left as ours has it and told: with marks in it, a `package.json` stops npm and Nx.
 */
export function mergeJson(ours: Json, base: Json, theirs: Json): { merged: Json; conflicts: KeyConflict[] } {
  const conflicts: KeyConflict[] = [];
  return { merged: mergeObjects(ours, base, theirs, []), conflicts };

  function mergeObjects(ours: Json, base: Json, theirs: Json, path: readonly string[]): Json {
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
    const entries = keys.map((key) => [key, mergeValues(ours[key], base[key], theirs[key], [...path, key])] as const);
    const present = entries.filter(([, value]) => value !== undefined);
    // As `npm install` writes them.
    if (/dependencies$/i.test(path.at(-1) ?? '')) present.sort(([a], [b]) => a.localeCompare(b, 'en'));
    return Object.fromEntries(present);
  }

  function mergeValues(ours: unknown, base: unknown, theirs: unknown, path: readonly string[]): unknown {
    if (isDeepStrictEqual(base, theirs) || isDeepStrictEqual(ours, theirs)) return ours;
    if (isDeepStrictEqual(ours, base)) return theirs;
    if (isObject(ours) && isObject(theirs)) return mergeObjects(ours, isObject(base) ? base : {}, theirs, path);
    conflicts.push({ key: path.join('.'), ours, base, theirs });
    return ours;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
