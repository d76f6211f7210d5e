import { STATUS_CODES } from 'node:http';
import type { Problem } from '@org/contract';
import { httpStatusByCode, type ServiceError, type Violation } from '@org/errors';
import type { RestExchange } from './exchange.ts';
import { Refusal } from './refusal.ts';
import type { Prepared } from './send.ts';

export const problemType = 'application/problem+json';

// A hostile request must not get a long answer, which repeats what it sent.
/** The most places that an answer lists. */
const mostViolations = 100;
/** The most characters of a place, and of a text. */
const mostOfPointer = 200;
const mostOfDetail = 1_000;

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
  const problem: { -readonly [Member in keyof Problem]: Problem[Member] } = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? (status === 499 ? 'Client Closed Request' : 'Error'),
    status,
    instance: path,
    code: error.code,
    requestId,
  };
  if (error.reason !== undefined) problem.reason = error.reason;
  if (status < 500) {
    problem.detail = cut(error.message, mostOfDetail);
    if (violations) problem.errors = violations.slice(0, mostViolations).map(cutViolation);
    if (Object.keys(details).length > 0) problem.details = details;
  }
  const headers: Record<string, string> = error instanceof Refusal ? { ...error.headers } : {};
  // RFC 9110 section 10.2.3: whole seconds.
  if (Number.isSafeInteger(retryAfterMs) && retryAfterMs! >= 0) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs! / 1000));
  }
  return { status, text: JSON.stringify(problem), headers };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

function cutViolation(violation: Violation): Violation {
  const { pointer, detail } = violation;
  if (pointer.length <= mostOfPointer && detail.length <= mostOfDetail) return violation;
  return { ...violation, pointer: cut(pointer, mostOfPointer), detail: cut(detail, mostOfDetail) };
}

interface Place {
  readonly path: string;
  readonly requestId: string;
}
