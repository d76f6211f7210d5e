import { expectNumber } from './expect-number.ts';

export interface RetryBudgetOptions {
  /** How many retries each call pays for, from 0 to 1. Default: 0.1, at most a tenth more attempts than calls. */
  readonly ratio?: number;
  /** The most retries that can be saved up, and what there is at the start. From 1 up. Default: 10. */
  readonly burst?: number;
}

/** Bounds the retries of all calls together, so that they cannot multiply the load on a server that is down. */
export interface RetryBudget {
  /** A call begins. */
  deposit(): void;
  /** Takes one retry out, if there is one. */
  withdraw(): boolean;
}

/**
 * A token bucket: after `n` calls at most `burst + ratio * n` retries were made.
 *
 * @throws {RangeError} for options out of their limits.
 */
export function createRetryBudget({ ratio = 0.1, burst = 10 }: RetryBudgetOptions = {}): RetryBudget {
  expectNumber('retry.budget.ratio', ratio, { min: 0, max: 1 });
  expectNumber('retry.budget.burst', burst, { min: 1 });
  let tokens = burst;
  return {
    deposit() {
      tokens = Math.min(burst, tokens + ratio);
    },
    withdraw() {
      // Sums of tenths fall a little short of whole numbers.
      if (tokens < 1 - 1e-9) return false;
      tokens -= 1;
      return true;
    },
  };
}
