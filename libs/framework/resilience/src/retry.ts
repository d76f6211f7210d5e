import { remainingMs, type Call } from '@org/context';
import { toServiceError, type ServiceError } from '@org/errors';
import { CircuitOpen } from './breaker.ts';
import type { Clock } from './clock.ts';
import { expectInteger, expectNumber } from './expect-number.ts';
import { isRetryable } from './is-retryable.ts';
import { createRetryBudget, type RetryBudgetOptions } from './retry-budget.ts';

export interface RetryOptions {
  /** The most attempts of one call, the first included, from 2 up. Default: 3. */
  readonly attempts?: number;
  /** The longest pause before the first retry, in milliseconds; it doubles with each retry. Default: 100. */
  readonly backoffMs?: number;
  /** What the longest pause does not grow past, in milliseconds. Default: 2000. */
  readonly maximumBackoffMs?: number;
  readonly budget?: RetryBudgetOptions;
  /** Whether an error is worth another attempt. Default: `isRetryable`. */
  readonly when?: (error: ServiceError) => boolean;
}

/** What is told of retries. */
export interface RetryEvents {
  retried(): void;
  budgetExhausted(): void;
}

/** Attempts work until it goes well, or another attempt is not worth it. Gives what the last attempt gave. */
export type Retry = <Result>(call: Call, attempt: (number: number) => Promise<Result>) => Promise<Result>;

/**
 * Makes retries with exponential backoff and full jitter, within a budget for all calls together. A pause is at least
 * the error's `details.retryAfterMs`. Where it would last past the call's deadline, the error is thrown at once.
 *
 * @throws {RangeError} for options out of their limits.
 */
export function createRetry(options: RetryOptions, clock: Clock, events: RetryEvents): Retry {
  const { attempts = 3, backoffMs = 100, maximumBackoffMs = 2_000, when = isRetryable } = options;
  expectInteger('retry.attempts', attempts, 2);
  expectNumber('retry.backoffMs', backoffMs, { min: 0 });
  expectNumber('retry.maximumBackoffMs', maximumBackoffMs, { min: 0 });
  const budget = createRetryBudget(options.budget);

  const pauseAfter = (error: ServiceError, number: number): number => {
    const longest = Math.min(maximumBackoffMs, backoffMs * 2 ** (number - 1));
    // Those that were told to come back at the same moment come at different ones.
    return (error.details?.retryAfterMs ?? 0) + clock.random() * longest;
  };

  return async (call, attempt) => {
    budget.deposit();
    for (let number = 1; ; number += 1) {
      try {
        return await attempt(number);
      } catch (thrown) {
        const error = toServiceError(thrown);
        const isOver = number >= attempts || call.signal.aborted;
        // Whoever is rejected here is to fail fast, and not to wait for the circuit.
        if (isOver || error instanceof CircuitOpen || !when(error)) throw thrown;
        const pauseMs = pauseAfter(error, number);
        if (pauseMs >= (remainingMs(call) ?? Infinity)) throw thrown;
        if (!budget.withdraw()) {
          events.budgetExhausted();
          throw thrown;
        }
        events.retried();
        await clock.wait(pauseMs, call.signal);
      }
    }
  };
}
