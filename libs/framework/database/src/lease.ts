import { untilAborted } from '@org/context';
import type { Connection, Result, Statement } from './driver.ts';
import { endsConnection } from './translate.ts';

/** A connection for as long as a statement or a transaction needs it. */
export interface Lease {
  /** Whether nothing runs on it any more. */
  readonly broken: boolean;
  /**
   * Runs a statement. When the signal aborts it rejects at once with the reason, and the server is told to give up.
   * Rejects with what the client throws.
   */
  run(statement: Statement, signal?: AbortSignal): Promise<Result>;
  /** Nobody uses the connection after this lease. */
  discard(): void;
  /** Gives it back once nothing runs on it any more. Resolves then. */
  end(): Promise<void>;
}

/** @param release Gives the place in the pool back. */
export function createLease(connection: Connection, release: () => void): Lease {
  let broken = false;
  let givingUp: Promise<void> | undefined;
  const isBroken = () => broken || connection.broken;
  return {
    get broken() {
      return isBroken();
    },
    async run(statement, signal) {
      signal?.throwIfAborted();
      // The request to cancel one statement must not hit the next.
      if (givingUp) await givingUp;
      if (isBroken()) throw new Error('The connection has ended and is not queryable');
      const answer = connection.run(statement);
      try {
        return await (signal ? untilAborted(signal, () => answer) : answer);
      } catch (error) {
        if (signal?.aborted && error === signal.reason) givingUp = connection.giveUp(answer.catch(() => {}));
        else if (endsConnection(error)) broken = true;
        throw error;
      }
    },
    discard: () => void (broken = true),
    async end() {
      await givingUp;
      connection.release(isBroken() ? 'end' : 'keep');
      release();
    },
  };
}
