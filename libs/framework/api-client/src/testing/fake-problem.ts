import { STATUS_CODES } from 'node:http';
import { httpStatusByCode, type ServiceError } from '@org/errors';

/** What a service answers that fails with an error: the text and the details of one that blames it stay with it. */
export function problemOf(error: ServiceError, { path, requestId }: { path: string; requestId: string }) {
  const status = httpStatusByCode[error.code];
  const { violations, retryAfterMs, ...details } = error.details ?? {};
  const blamesCaller = status < 500;
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Client Closed Request',
    status,
    ...(blamesCaller && { detail: error.message }),
    instance: path,
    code: error.code,
    ...(error.reason !== undefined && { reason: error.reason }),
    requestId,
    ...(blamesCaller && violations && { errors: violations }),
    ...(blamesCaller && Object.keys(details).length > 0 && { details }),
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  return { status, headers, text: JSON.stringify(problem) };
}
