export type { BreakerOptions, BreakerState } from './breaker.ts';
export type { BulkheadOptions } from './bulkhead.ts';
export type { Clock } from './clock.ts';
export { createResilience, type Resilience, type ResilienceOptions, type RunOptions } from './create-resilience.ts';
export { isRetryable } from './is-retryable.ts';
export { blamesServer } from './judge.ts';
export type { RetryBudgetOptions } from './retry-budget.ts';
export type { RetryOptions } from './retry.ts';
