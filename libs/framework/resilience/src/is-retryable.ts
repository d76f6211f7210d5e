import type { ServiceError } from '@org/errors';

/**
 * Whether the same call may go well soon, as its error tells:
 * - `unavailable`: yes;
 * - `deadline_exceeded`: yes, an attempt took too long; once the time of the call itself is over, nothing is tried again;
 * - `resource_exhausted`: only when it says when to come back (`details.retryAfterMs`); a quota without a date stays used up;
 * - `aborted`: no, since somebody else's change won: what led to the call must be read again, not only the call repeated;
 * - all others: no. They would answer the same, or nobody waits any more.
 */
export function isRetryable({ code, details }: ServiceError): boolean {
  if (code === 'resource_exhausted') return details?.retryAfterMs !== undefined;
  return code === 'unavailable' || code === 'deadline_exceeded';
}
