import type { Result, Statement } from './driver.ts';
import type { Lease } from './lease.ts';
import { translateStatement, type Part } from './translate.ts';

export interface RunOptions {
  /** For errors: run `INSERT orders`. */
  readonly doing: string;
  readonly part: Part;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a statement. Rejects with a `ServiceError`, or with the reason of the signal. */
export function runStatement(lease: Lease, statement: Statement, { doing, part, signal }: RunOptions): Promise<Result> {
  return lease.run(statement, signal).catch((error: unknown) => {
    throw signal?.aborted && error === signal.reason ? error : translateStatement(error, doing, part);
  });
}
