import { STATUS_CODES } from 'node:http';
import type { Problem } from '@org/contract';
import { httpStatusByCode, type ServiceError } from '@org/errors';
import type { RestExchange } from './exchange.ts';
import { Refusal } from './refusal.ts';
import type { Prepared } from './send.ts';

export const problemType = 'application/problem+json';

/** The most places that an answer lists, so that a hostile request does not get a long one. */
const mostViolations = 100;

/** The status that an error is answered with: that of its code, unless the HTTP protocol has a word in it. */
export function statusOf(error: ServiceError): number {
  return error instanceof Refusal ? error.status : httpStatusByCode[error.code];
}

/**
 * The answer to an error: a problem document. The text and the details of an error that blames the server are not in it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 */
export function prepareProblem(error: ServiceError, { path, requestId }: RestExchange | Place): Prepared {
  const status = statusOf(error);
  const { violations, retryAfterMs, ...details } = error.details ?? {};
  const blamesCaller = status < 500;
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? (status === 499 ? 'Client Closed Request' : 'Error'),
    status,
    ...(blamesCaller && { detail: error.message }),
    instance: path,
    code: error.code,
    ...(error.reason !== undefined && { reason: error.reason }),
    requestId,
    ...(blamesCaller && violations && { errors: violations.slice(0, mostViolations) }),
    ...(blamesCaller && Object.keys(details).length > 0 && { details }),
  };
  return {
    status,
    text: JSON.stringify(problem),
    headers: {
      ...(error instanceof Refusal && error.headers),
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
    },
  };
}

interface Place {
  readonly path: string;
  readonly requestId: string;
}
