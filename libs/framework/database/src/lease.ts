import { untilAborted } from '@org/context';
import type { Connection, Result, Statement } from './driver.ts';
import { endsConnection } from './translate.ts';

/** How long a statement that was given up may go on before its connection is ended, in milliseconds. */
const graceMs = 2_000;

/** A connection for as long as a statement or a transaction needs it. */
export interface Lease {
  /** Whether nothing runs on it any more. */
  readonly broken: boolean;
  /**
   * Runs a statement. When the signal aborts it rejects at once with the reason, and the server is told to give up.
   * Rejects with what the client throws.
   */
  run(statement: Statement, signal?: AbortSignal): Promise<Result>;
  /** Gives it back once nothing runs on it any more. Resolves then. */
  end(): Promise<void>;
}

/** @param release Gives the place in the pool back. */
export function createLease(connection: Connection, release: () => void): Lease {
  let broken = false;
  let running: Promise<unknown> = Promise.resolve();
  const giveUp = async (answer: Promise<unknown>) => {
    // What is sent next must not be hit by the cancelling of this one.
    const given = Promise.all([connection.cancel(), answer.catch(() => {})]);
    if ((await Promise.race([given, after(graceMs)])) === late) broken = true;
  };
  return {
    get broken() {
      return broken || connection.broken;
    },
    async run(statement, signal) {
      signal?.throwIfAborted();
      const answer = connection.run(statement);
      running = answer.catch(() => {});
      try {
        return await (signal ? untilAborted(signal, () => answer) : answer);
      } catch (error) {
        if (signal?.aborted && error === signal.reason) running = giveUp(answer);
        else if (endsConnection(error)) broken = true;
        throw error;
      }
    },
    async end() {
      await running;
      connection.release(broken || connection.broken ? 'end' : 'keep');
      release();
    },
  };
}

const late = Symbol('late');

function after(ms: number): Promise<typeof late> {
  return new Promise((resolve) => setTimeout(resolve, ms, late).unref());
}
