import { ServiceError } from '@org/errors';
import { expectInteger } from './expect-number.ts';

export interface BulkheadOptions {
  /** How many calls may run at once, from 1 up. Default: 100. */
  readonly limit?: number;
  /** How many more may wait for their turn, from 0 up. Default: as many as `limit`. */
  readonly queue?: number;
}

/** Runs work when it is its turn. Whoever stops waiting gives up the place in the queue at once. */
export type Bulkhead = <Result>(signal: AbortSignal, work: () => Promise<Result>) => Promise<Result>;

/**
 * Bounds how many calls run at once and how many wait, first come, first served.
 *
 * @throws {RangeError} for options out of their limits; the bulkhead itself rejects with `unavailable`, BULKHEAD_FULL,
 *   and with the signal's reason.
 */
export function createBulkhead(name: string, options: BulkheadOptions, onReject: () => void): Bulkhead {
  const { limit = 100, queue = limit } = options;
  expectInteger('bulkhead.limit', limit, 1);
  expectInteger('bulkhead.queue', queue, 0);
  let running = 0;
  const waiting = new Set<() => void>();

  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        waiting.delete(begin);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.delete(begin);
        reject(signal.reason as Error);
      };
      waiting.add(begin);
      signal.addEventListener('abort', leave, { once: true });
    });

  return async (signal, work) => {
    signal.throwIfAborted();
    if (running < limit) running += 1;
    else if (waiting.size < queue) await turn(signal);
    else {
      onReject();
      throw full(name, limit, queue);
    }
    try {
      return await work();
    } finally {
      // The place goes to the next in the queue without becoming free, so that nobody else takes it meanwhile.
      const [next] = waiting;
      if (next) next();
      else running -= 1;
    }
  };
}

function full(name: string, limit: number, queue: number): ServiceError {
  const message = `Cannot begin another call of \`${name}\`: ${limit} are running and ${queue} wait. Try again later`;
  return new ServiceError('unavailable', message, { reason: 'BULKHEAD_FULL' });
}
