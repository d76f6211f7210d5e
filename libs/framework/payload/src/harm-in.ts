/**
 * What does harm in data of JSON: `deep`, nested deeper than some levels, where others that go through it run out of
 * stack; `key`, one that a careless merge would write into the prototype of all objects; `number`, one past 2^53 in
 * either direction or no number at all, which may have come out as another.
 *
 * To go through the values costs a fraction of what it costs to go through their text. What says by `toJSON` what it is
 * in JSON is not looked into.
 */
export function harmIn(data: unknown, levels: number): 'deep' | 'key' | 'number' | undefined {
  if (typeof data === 'number') return isExact(data) ? undefined : 'number';
  if (typeof data !== 'object' || data === null) return undefined;
  if (typeof (data as { toJSON?: unknown }).toJSON === 'function') return undefined;
  if (levels === 0) return 'deep';
  let found: 'number' | undefined;
  if (Array.isArray(data)) {
    for (const item of data) {
      const harm = harmIn(item, levels - 1);
      if (harm === 'number') found = harm;
      else if (harm !== undefined) return harm;
    }
    return found;
  }
  for (const key in data) {
    const value = (data as Record<string, unknown>)[key];
    if (isForbidden(key, value)) return 'key';
    const harm = harmIn(value, levels - 1);
    if (harm === 'number') found = harm;
    else if (harm !== undefined) return harm;
  }
  return found;
}

const isExact = (value: number) => value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;

function isForbidden(key: string, value: unknown): boolean {
  if (key === '__proto__') return true;
  return key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
