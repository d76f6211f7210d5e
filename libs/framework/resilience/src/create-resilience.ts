import { createCall, currentCall, remainingMs, runInCall, untilAborted, type Call } from '@org/context';
import { ServiceError, toServiceError } from '@org/errors';
import { createBreaker, type BreakerOptions, type BreakerState } from './breaker.ts';
import { createBulkhead, type BulkheadOptions } from './bulkhead.ts';
import { systemClock, type Clock } from './clock.ts';
import { createEvents } from './events.ts';
import { expectNumber } from './expect-number.ts';
import { blamesServer, judge } from './judge.ts';
import { createRetry, type RetryOptions } from './retry.ts';

export interface ResilienceOptions {
  /** The name of what is called, such as `orders`: it stands in metrics and errors. */
  readonly name: string;
  /** How long a call may take in all, retries and waiting included, in milliseconds. Default: 10 000. */
  readonly timeoutMs?: number;
  /** How long one attempt may take, in milliseconds. Default: as long as the call. */
  readonly attemptTimeoutMs?: number;
  /** Default: no retries. */
  readonly retry?: RetryOptions;
  /** Default: none. `{}` has the defaults of its own. */
  readonly breaker?: BreakerOptions;
  /** Default: none. `{}` has the defaults of its own. */
  readonly bulkhead?: BulkheadOptions;
  /** For tests. Default: the system's. */
  readonly clock?: Clock;
}

export interface RunOptions {
  /** Ends the call, whatever it is waiting for. */
  readonly signal?: AbortSignal;
  /** Another time for this call, in milliseconds. Default: the policy's. */
  readonly timeoutMs?: number;
  /** Whether the work may be attempted again. Default: `true`, where the policy has retries. */
  readonly retry?: boolean;
}

/** A policy for the calls to one dependency. It holds nothing that must be closed. */
export interface Resilience {
  /**
   * Does the work, at most for the time that it is given and that the current call has left. The work runs in a call of
   * its own, whose signal it gets together with the number of the attempt, from 1 up.
   *
   * @throws what the work threw last; {ServiceError} `deadline_exceeded` when the time is over, `cancelled` when the
   *   signal aborts, `unavailable` with CIRCUIT_OPEN or BULKHEAD_FULL.
   */
  run<Result>(work: (signal: AbortSignal, attempt: number) => Promise<Result>, options?: RunOptions): Promise<Result>;
  /** The circuit as it is now; `undefined` without a breaker. An open one is half open from the next call on that may try. */
  circuit(): BreakerState | undefined;
}

const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Puts the parts around the calls to one dependency, from the outside to the inside: the time of the call, the
 * bulkhead, the retries, the circuit breaker, the time of an attempt. Make it once for a dependency and after telemetry
 * has started, as in a service's `start`.
 *
 * @throws {RangeError} for options out of their limits; {TypeError} without a name.
 */
export function createResilience(options: ResilienceOptions): Resilience {
  const { name, timeoutMs = 10_000, attemptTimeoutMs, clock = systemClock } = options;
  if (!name) throw new TypeError('Expected `name` to say what is called, got none');
  expectNumber('timeoutMs', timeoutMs, { min: 1, max: longestTimeoutMs });
  expectNumber('attemptTimeoutMs', attemptTimeoutMs ?? timeoutMs, { min: 1, max: longestTimeoutMs });
  const events = createEvents(name);
  const bulkhead = options.bulkhead && createBulkhead(name, options.bulkhead, events.bulkheadFull);
  const retry = options.retry && createRetry(options.retry, clock, events.retry);
  const breaker = options.breaker && createBreaker(name, options.breaker, clock, events.breaker);

  type Work<Result> = (signal: AbortSignal, attempt: number) => Promise<Result>;
  const attempt = async <Result>(work: Work<Result>, call: Call, number: number): Promise<Result> => {
    const hadItsTime = (remainingMs(call) ?? Infinity) >= (attemptTimeoutMs ?? timeoutMs) / 2;
    const when = options.breaker?.when ?? blamesServer;
    const once = async () => {
      using own = createCall({ parent: call, ...(attemptTimeoutMs !== undefined && { timeoutMs: attemptTimeoutMs }) });
      return await untilAborted(own.signal, () => runInCall(own, () => work(own.signal, number)));
    };
    return breaker ? breaker(once, (thrown) => judge(thrown, { hadItsTime, when })) : once();
  };

  return {
    async run(work, { signal, timeoutMs: ownTimeoutMs = timeoutMs, retry: mayRetry = true } = {}) {
      expectNumber('timeoutMs', ownTimeoutMs, { min: 0, max: longestTimeoutMs });
      const parent = currentCall();
      using call = createCall({
        timeoutMs: ownTimeoutMs,
        ...(parent && { parent }),
        ...(signal && { signal }),
      });
      const attempts = () => (retry && mayRetry ? retry : once)(call, (number) => attempt(work, call, number));
      try {
        return await (bulkhead ? bulkhead(call.signal, attempts) : attempts());
      } catch (thrown) {
        // What the parts reject with then is the signal's reason, which may be anything.
        throw call.signal.aborted ? errorOfAbort(call.signal.reason) : thrown;
      }
    },
    circuit: () => (breaker ? breaker.state() : undefined),
  };
}

function once<Result>(_: Call, attempt: (number: number) => Promise<Result>): Promise<Result> {
  return attempt(1);
}

function errorOfAbort(reason: unknown): ServiceError {
  const error = toServiceError(reason);
  // Whatever somebody aborts a signal with, it is an abort and no fault.
  if (error === reason || error.code !== 'internal') return error;
  return new ServiceError('cancelled', 'The call was cancelled', { cause: reason });
}
