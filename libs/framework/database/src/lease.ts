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
  /** Gives it back once nothing runs on it any more; where that is not at once, it resolves then. */
  end(): Promise<void> | undefined;
}

/** @param release Gives the place in the pool back. */
export function createLease(connection: Connection, release: () => void): Lease {
  let broken = false;
  let givingUp: Promise<void> | undefined;
  const isBroken = () => broken || connection.broken;

  const begin = (statement: Statement, signal: AbortSignal | undefined): Promise<Result> => {
    if (isBroken()) return Promise.reject(new Error('The connection has ended and is not queryable'));
    const answer = connection.run(statement);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const abort = () => {
      givingUp = connection.giveUp(answer.catch(() => {}));
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort);
    answer.then(
      (result) => {
        signal?.removeEventListener('abort', abort);
        resolve(result);
      },
      (error: Error) => {
        signal?.removeEventListener('abort', abort);
        if (!signal?.aborted && endsConnection(error)) broken = true;
        reject(error);
      },
    );
    return promise;
  };
  const giveBack = () => {
    connection.release(isBroken() ? 'end' : 'keep');
    release();
    return undefined;
  };
  return {
    get broken() {
      return isBroken();
    },
    run(statement, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      // The request to cancel one statement must not hit the next.
      return givingUp ? givingUp.then(() => begin(statement, signal)) : begin(statement, signal);
    },
    discard: () => void (broken = true),
    end: () => (givingUp ? givingUp.then(giveBack) : giveBack()),
  };
}
