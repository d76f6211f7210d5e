import { ServiceError, type Code } from '@org/errors';

/** Whether what failed has left something behind: surely not, or nobody knows. */
export type Applied = 'no' | 'maybe';

interface Failure {
  readonly code: Code;
  readonly reason: string;
  /** What was being done: run `INSERT orders`, as in "Cannot run …". */
  readonly doing: string;
  /** What went wrong and what to do about it, in one clause. */
  readonly why: string;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function failed({ code, reason, doing, why, cause, details }: Failure): ServiceError {
  return new ServiceError(code, `Cannot ${doing}: ${why}`, {
    reason,
    ...(details && { details }),
    ...(cause !== undefined && { cause }),
  });
}

/** The connection was lost before anything was sent, or in a transaction that was not to be committed yet. */
export function connectionLost(doing: string, cause: unknown, { sent }: { sent: boolean }): ServiceError {
  const why = 'the connection was lost, and nothing of it was kept. Try it again';
  const details = { applied: 'no' satisfies Applied, sent };
  return failed({ code: 'unavailable', reason: 'CONNECTION_LOST', doing, why, cause, details });
}

/** The connection was lost while something ran that may have been done. */
export function outcomeUnknown(doing: string, cause: unknown): ServiceError {
  const why = 'the connection was lost, and nobody knows whether it was done. Look before trying it again';
  const details = { applied: 'maybe' satisfies Applied };
  return failed({ code: 'unavailable', reason: 'OUTCOME_UNKNOWN', doing, why, cause, details });
}

export function poolExhausted(doing: string, size: number, waitedMs: number): ServiceError {
  const connections = size === 1 ? 'the one connection was' : `all ${size} connections were`;
  const why = `${connections} in use for ${waitedMs} ms. Make transactions shorter, or raise DATABASE_POOL_SIZE`;
  return failed({ code: 'resource_exhausted', reason: 'POOL_EXHAUSTED', doing, why, details: { applied: 'no' } });
}

export function databaseClosed(doing: string): ServiceError {
  const why = 'the database is closed, since the service stops';
  return failed({ code: 'unavailable', reason: 'DATABASE_CLOSED', doing, why, details: { applied: 'no' } });
}

export function transactionOver(doing: string): ServiceError {
  const why = 'its transaction is over. Await all that a transaction does before its work ends';
  return failed({ code: 'internal', reason: 'TRANSACTION_OVER', doing, why });
}

export function transactionFailed(cause: unknown): ServiceError {
  const doing = 'commit the transaction';
  const why =
    'one of its statements failed, which undid all of them. Let the error through, or put what may fail into a transaction of its own inside';
  return failed({ code: 'failed_precondition', reason: 'TRANSACTION_FAILED', doing, why, cause });
}
