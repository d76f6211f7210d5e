import { STATUS_CODES } from 'node:http';
import { ServiceError, codeFromHttpStatus, isCode } from '@org/errors';
import { parseJson } from './parse-json.ts';
import { detailsOf, isRecord, lineOf } from './problem-details.ts';
import { parseRetryAfter } from './retry-after.ts';

/** The most of an error's body that is looked at. */
export const maximumProblemBytes = 64 * 1024;

/** What is called, for messages: the operation and the service. */
export interface Callee {
  readonly operation: string;
  readonly service: string;
}

/**
 * The error that an answer stands for: that of its problem document, or else what its status says.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function errorFromAnswer(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  text: string | undefined,
  { operation, service }: Callee,
): ServiceError {
  const problem = problemOf(headers, text);
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'));
  const details = { ...detailsOf(problem), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const said = lineOf(problem.detail) ?? lineOf(problem.title) ?? STATUS_CODES[status];
  return new ServiceError(
    isCode(problem.code) ? problem.code : codeFromHttpStatus(status),
    `${service} answered \`${operation}\` with ${status}${said ? `: ${said}` : ''}`,
    { ...reasonOf(problem), ...(Object.keys(details).length > 0 && { details }) },
  );
}

function problemOf(headers: Headers, text: string | undefined): Record<string, unknown> {
  if (!text || !/^application\/problem\+json\b/i.test(headers.get('content-type') ?? '')) return {};
  try {
    const value = parseJson(text);
    return isRecord(value) ? value : {};
  } catch {
    // The status tells what there is to tell.
    return {};
  }
}

function reasonOf({ reason }: Record<string, unknown>): { reason?: string } {
  const wellFormed = typeof reason === 'string' && reason.length <= 100 && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(reason);
  return wellFormed ? { reason } : {};
}
