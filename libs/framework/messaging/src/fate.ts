import { messageFateByCode, toServiceError, type ServiceError } from '@org/errors';
import type { Failure } from './dead-letter.ts';
import type { Outcome } from './transport.ts';

/** How far a message has come when an attempt failed. */
export interface AttemptFacts {
  readonly attempt: number;
  readonly firstAt: number;
  readonly retryDelaysMs: readonly number[];
  readonly traceparent: string | undefined;
}

/**
 * What becomes of a message whose attempt failed: the error's code decides whether another one may go better, by the table
 * of `@org/errors`; after the last attempt it is set aside all the same.
 */
export function fateOf(thrown: unknown, facts: AttemptFacts): Outcome {
  const error = toServiceError(thrown);
  const delayMs = facts.retryDelaysMs[facts.attempt - 1];
  if (messageFateByCode[error.code] === 'retry' && delayMs !== undefined) return { kind: 'retry', delayMs };
  return { kind: 'dead-letter', failure: failureOf(error, facts) };
}

/** Sets a message aside whatever its code says: another attempt would find the same. */
export function setAside(error: ServiceError, facts: AttemptFacts): Outcome {
  return { kind: 'dead-letter', failure: failureOf(error, facts) };
}

function failureOf({ code, reason, message, cause }: ServiceError, facts: AttemptFacts): Failure {
  const { attempt, firstAt, traceparent } = facts;
  return {
    code,
    ...(reason !== undefined && { reason }),
    message: cause instanceof Error && code === 'internal' ? `${message}: ${cause.name}` : message,
    attempts: attempt,
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date().toISOString(),
    ...(traceparent !== undefined && { traceparent }),
  };
}
