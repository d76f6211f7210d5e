/** How long to wait before what failed is tried again. */
export interface Backoff {
  /** The next delay, in milliseconds. */
  next(): number;
  /** Begins with the shortest delay again. */
  reset(): void;
}

/**
 * Delays that double from `leastMs` to `mostMs`, each shortened by up to half at random, so that not all services of a
 * broker that comes back are there in the same moment.
 */
export function createBackoff(leastMs: number, mostMs: number): Backoff {
  let ms = leastMs;
  return {
    next() {
      const current = ms;
      ms = Math.min(mostMs, ms * 2);
      return current * (0.5 + Math.random() / 2);
    },
    reset() {
      ms = leastMs;
    },
  };
}
