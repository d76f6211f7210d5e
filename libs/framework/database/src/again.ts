import { pause } from '@org/context';
import { ServiceError } from '@org/errors';

/** The bounds of the pause before another attempt, in milliseconds. */
const shortestMs = 5;
const longestMs = 200;

/** What is run again, by the reasons of its errors. */
export const reasonsToRetry = ['SERIALIZATION_FAILURE', 'DEADLOCK', 'CONNECTION_LOST'] as const;

/** Whether a failure left nothing behind, and the same may go well at once: a conflict with others, or nothing was sent. */
export function mayGoWell(error: unknown): error is ServiceError {
  if (!(error instanceof ServiceError)) return false;
  if (error.reason === 'SERIALIZATION_FAILURE' || error.reason === 'DEADLOCK') return true;
  return error.reason === 'CONNECTION_LOST' && error.details?.sent === false;
}

export interface AgainOptions {
  readonly attempts: number;
  readonly signal: AbortSignal | undefined;
  /** Told before each further attempt. */
  readonly retrying: (error: ServiceError) => void;
}

/** Runs a work until it goes well, at most so often, with pauses that grow and differ. */
export function again<Value>(options: AgainOptions, work: () => Promise<Value>): Promise<Value> {
  // Nearly all goes well at once.
  return work().catch((error: unknown) => goOn(options, work, error));
}

async function goOn<Value>(
  { attempts, signal, retrying }: AgainOptions,
  work: () => Promise<Value>,
  first: unknown,
): Promise<Value> {
  let error = first;
  for (let attempt = 1; attempt < attempts && mayGoWell(error); attempt += 1) {
    signal?.throwIfAborted();
    retrying(error);
    await pause(Math.min(longestMs, shortestMs * 4 ** attempt) * Math.random(), signal ?? new AbortController().signal);
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (thrown) {
      error = thrown;
    }
  }
  throw error;
}
