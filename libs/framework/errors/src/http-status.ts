import type { Code } from './codes.ts';

/**
 * The HTTP status of each code, as Google's API error model maps them (google.rpc.Code).
 *
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
 */
export const httpStatusByCode = {
  cancelled: 499,
  unknown: 500,
  invalid_argument: 400,
  deadline_exceeded: 504,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  resource_exhausted: 429,
  failed_precondition: 400,
  aborted: 409,
  out_of_range: 400,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  data_loss: 500,
  unauthenticated: 401,
} as const satisfies Record<Code, number>;

const codeByHttpStatus: Readonly<Record<number, Code>> = {
  400: 'invalid_argument',
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  408: 'deadline_exceeded',
  409: 'aborted',
  410: 'not_found',
  412: 'failed_precondition',
  428: 'failed_precondition',
  429: 'resource_exhausted',
  499: 'cancelled',
  501: 'unimplemented',
  502: 'unavailable',
  503: 'unavailable',
  504: 'deadline_exceeded',
};

/**
 * The code to assume for an answer that carries none, by its HTTP status: exact where the status has one meaning,
 * `invalid_argument` for other 4xx, `internal` for other 5xx, `unknown` for the rest.
 */
export function codeFromHttpStatus(status: number): Code {
  const exact = codeByHttpStatus[status];
  if (exact) return exact;
  if (status >= 400 && status < 500) return 'invalid_argument';
  return status >= 500 && status < 600 ? 'internal' : 'unknown';
}
