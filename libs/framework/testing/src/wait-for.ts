import { setTimeout as delay } from 'node:timers/promises';

export interface WaitForOptions {
  /** How long to wait, in milliseconds. Default: 30 000. */
  timeoutMs?: number;
  /** How long to pause between two looks, in milliseconds. Default: 20. */
  intervalMs?: number;
  /** What is waited for, for the message on a time-out: `Waited 5000 ms for <what>`. */
  what: string;
}

/**
 * Looks again and again until `condition` gives something truthy, and gives that. A look that throws counts as
 * not yet; one that never ends is given up when the time is over, which its signal tells it.
 *
 * @throws {Error} when the time is over; its message holds the last look's error, its cause is that error.
 */
export async function waitFor<Result>(
  condition: (signal: AbortSignal) => Result | Promise<Result>,
  { timeoutMs = 30_000, intervalMs = 20, what }: WaitForOptions,
): Promise<NonNullable<Result>> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), timeoutMs);
  const timeIsOver = new Promise<undefined>((resolve) => {
    over.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let lastError: unknown;
  const look = async () => {
    try {
      return await condition(over.signal);
    } catch (error) {
      // What a look throws because it was given up says nothing about the condition.
      if (!over.signal.aborted) lastError = error;
      return undefined;
    }
  };
  try {
    for (;;) {
      const result = await Promise.race([look(), timeIsOver]);
      if (result) return result;
      if (over.signal.aborted) break;
      await delay(intervalMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  } finally {
    clearTimeout(timer);
  }
  const last = lastError instanceof Error ? lastError.message : String(lastError);
  const because = lastError === undefined ? '' : `; the last look failed: ${last}`;
  throw new Error(`Waited ${timeoutMs} ms for ${what}${because}`, { cause: lastError });
}
