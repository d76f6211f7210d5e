import { refuse } from './refusal.ts';

const longestMs = 2 ** 31 - 1;

/**
 * The time that the caller gives, in whole milliseconds; longer than a timer can wait counts as that long.
 *
 * @throws {Refusal} TIMEOUT_MALFORMED
 */
export function timeoutFrom(header: string | string[]): number {
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) throw refuse('TIMEOUT_MALFORMED');
  return Math.min(Number(header), longestMs);
}
