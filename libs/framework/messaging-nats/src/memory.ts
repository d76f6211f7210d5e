/** Remembers the last keys that it was given: so many at least, and twice as many at most. */
export function createMemory(atLeast: number): { add(key: string): void; has(key: string): boolean } {
  let [now, before] = [new Set<string>(), new Set<string>()];
  return {
    add(key) {
      now.add(key);
      if (now.size >= atLeast) [now, before] = [new Set(), now];
    },
    has: (key) => now.has(key) || before.has(key),
  };
}
