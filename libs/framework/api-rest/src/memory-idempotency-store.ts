import { ServiceError } from '@org/errors';
import type { IdempotencyStore } from './idempotency.ts';

interface Entry {
  readonly fingerprint: string;
  /** On the clock of `performance.now()`; `undefined` while the work is running. */
  expiresAt: number | undefined;
  result: unknown;
}

/**
 * An idempotency store in the memory of this process: for development, tests and a single replica.
 *
 * @param options.ttlMs How long an answer is remembered, in milliseconds. Default: 86 400 000 (24 hours).
 * @param options.maximum How many keys are remembered; the oldest answer goes first. Default: 10 000.
 * @throws {RangeError} when an option is not a whole number from 1 up.
 */
export function memoryIdempotencyStore({
  ttlMs = 86_400_000,
  maximum = 10_000,
}: { ttlMs?: number; maximum?: number } = {}): IdempotencyStore {
  for (const [name, value] of Object.entries({ ttlMs, maximum })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`Expected \`${name}\` to be an integer from 1 up, got \`${value}\``);
  }
  // In the order in which work ended: whatever is done is moved to the end, so that the oldest stands first.
  const done = new Map<string, Entry>();
  const running = new Map<string, Entry>();

  function recall(key: string): Entry | undefined {
    const now = performance.now();
    for (const [each, { expiresAt }] of done) {
      if (expiresAt! > now) break;
      done.delete(each);
    }
    return running.get(key) ?? done.get(key);
  }

  return {
    async run<Result>(key: string, fingerprint: string, work: () => Promise<Result>) {
      const known = recall(key);
      if (known && known.fingerprint !== fingerprint) throw reused();
      if (known && known.expiresAt === undefined) throw inUse();
      if (known) return { result: known.result as Result, replayed: true };
      if (running.size >= maximum) throw full(maximum);
      const entry: Entry = { fingerprint, expiresAt: undefined, result: undefined };
      running.set(key, entry);
      try {
        const result = await work();
        entry.result = result;
        entry.expiresAt = performance.now() + ttlMs;
        done.set(key, entry);
        if (done.size > maximum) done.delete(done.keys().next().value!);
        return { result, replayed: false };
      } finally {
        running.delete(key);
      }
    },
  };
}

function reused(): ServiceError {
  const message = 'This Idempotency-Key came with another request before. Use a new key for each thing to do';
  return new ServiceError('invalid_argument', message, { reason: 'IDEMPOTENCY_KEY_REUSED' });
}

function inUse(): ServiceError {
  const message = 'The first request with this Idempotency-Key is still being worked on. Try again a little later';
  return new ServiceError('aborted', message, { reason: 'IDEMPOTENCY_KEY_IN_USE', details: { retryAfterMs: 1000 } });
}

function full(maximum: number): ServiceError {
  const message = `Requests with an Idempotency-Key are taken ${maximum} at a time. Try again a little later`;
  return new ServiceError('resource_exhausted', message, {
    reason: 'IDEMPOTENCY_STORE_FULL',
    details: { retryAfterMs: 1000 },
  });
}
