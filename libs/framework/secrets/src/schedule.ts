import type { Clock } from './clock.ts';

const leastMs = 1_000;

/** When a lease is renewed or replaced: after two thirds of its term, and up to a tenth of it earlier, so that not all come at once. */
export function renewAfterMs(durationMs: number, { random }: Pick<Clock, 'random'>): number {
  return Math.max(leastMs, durationMs * (2 / 3 - random() / 10));
}

/** When a value without a lease is read again: at its age, and up to a tenth of it earlier. */
export function refreshAfterMs(maxAgeMs: number, { random }: Pick<Clock, 'random'>): number {
  return Math.max(leastMs, maxAgeMs * (1 - random() / 10));
}

/** How long to wait after so many failures in a row, from 1: from one second doubling to a minute, less up to half at random. */
export function retryAfterMs(failures: number, { random }: Pick<Clock, 'random'>): number {
  const ms = Math.min(60_000, leastMs * 2 ** Math.min(failures - 1, 10));
  return ms * (1 - random() / 2);
}
