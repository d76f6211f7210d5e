import { ServiceError } from '@org/errors';
import { createCleanUp } from './clean-up.ts';
import type { DatabaseCore } from './core.ts';
import type { Keeping } from './keeping.ts';
import { orTableMissing } from './table-missing.ts';

/** Remembers what was answered: the work, its mark and its answer are one transaction. */
export interface DatabaseIdempotency {
  /**
   * Runs the work unless it was run with this key before; then gives the result of that time. When the work fails, the
   * key is free again. The result is plain JSON. After a conflict with others the work is run again, as that of any
   * transaction.
   *
   * @throws {ServiceError} invalid_argument, IDEMPOTENCY_KEY_REUSED, when the key came with another fingerprint;
   *   aborted, IDEMPOTENCY_KEY_IN_USE, at once, while the work of that key is still running, here or elsewhere; internal,
   *   IDEMPOTENCY_ANSWER_TOO_LARGE, and the work is undone; failed_precondition, TABLE_MISSING; what the work throws, and
   *   what `transaction` does.
   */
  run<Result>(
    key: string,
    fingerprint: string,
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly replayed: boolean }>;
}

interface Answered {
  readonly fingerprint: string;
  readonly answer: string | null;
}

// Another process may be at it. Whoever comes second is not to wait.
const lock = "SELECT pg_try_advisory_xact_lock(hashtextextended('idempotency_keys ' || $1, 0)) AS taken";
// A statement of its own, since one that waits for no lock sees what was there before it had the lock.
const find = `SELECT fingerprint, answer FROM idempotency_keys
  WHERE key = $1 AND answered_at > now() - $2 * interval '1 millisecond'`;
const store = `INSERT INTO idempotency_keys (key, fingerprint, answer) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE
  SET fingerprint = excluded.fingerprint, answer = excluded.answer, answered_at = excluded.answered_at`;

export function createIdempotency(
  core: DatabaseCore,
  { keepMs, maximumBytes }: Keeping['idempotency'],
): DatabaseIdempotency {
  const cleanUp = createCleanUp(core, { table: 'idempotency_keys', column: 'answered_at', keepMs });
  const run = async (text: string, values: readonly unknown[]) =>
    (await orTableMissing('idempotency_keys', 'use the idempotency key', core.run({ text, values }))).rows;
  /** What runs here, with its fingerprint: no connection is needed to refuse the same. */
  const running = new Map<string, string>();
  const assertFree = (key: string, fingerprint: string) => {
    const other = running.get(key);
    if (other !== undefined) throw other === fingerprint ? inUse() : reused();
  };

  return {
    async run<Result>(key: string, fingerprint: string, work: () => Promise<Result>) {
      assertFree(key, fingerprint);
      let mine = false;
      try {
        return await core.transactions.transaction(async () => {
          const [locked] = (await run(lock, [key])) as { taken: boolean }[];
          const [known] = (await run(find, [key, keepMs])) as Answered[];
          if (known && known.fingerprint !== fingerprint) throw reused();
          if (known) return { result: resultOf<Result>(known), replayed: true };
          if (!locked?.taken) throw inUse();
          if (!mine) assertFree(key, fingerprint);
          mine = true;
          running.set(key, fingerprint);
          const result = await work();
          const answer = JSON.stringify(result) as string | undefined;
          if (answer !== undefined && Buffer.byteLength(answer) > maximumBytes) throw tooLarge(maximumBytes);
          await run(store, [key, fingerprint, answer ?? null]);
          return { result, replayed: false };
        }, {});
      } finally {
        if (mine) running.delete(key);
        cleanUp();
      }
    },
  };
}

function resultOf<Result>({ answer }: Answered): Result {
  return (answer === null ? undefined : JSON.parse(answer)) as Result;
}

function reused(): ServiceError {
  const message = 'This Idempotency-Key came with another request before. Use a new key for each thing to do';
  return new ServiceError('invalid_argument', message, { reason: 'IDEMPOTENCY_KEY_REUSED' });
}

function inUse(): ServiceError {
  const message = 'The first request with this Idempotency-Key is still being worked on. Try again a little later';
  return new ServiceError('aborted', message, { reason: 'IDEMPOTENCY_KEY_IN_USE', details: { retryAfterMs: 1000 } });
}

function tooLarge(maximumBytes: number): ServiceError {
  const message = `Cannot keep the answer for the Idempotency-Key: it has more than ${maximumBytes} bytes as JSON, and what was done for it is undone. Answer with less, or ask for no key there`;
  return new ServiceError('internal', message, { reason: 'IDEMPOTENCY_ANSWER_TOO_LARGE' });
}
