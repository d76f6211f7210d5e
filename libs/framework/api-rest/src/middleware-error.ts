import { STATUS_CODES } from 'node:http';
import { toServiceError, type ServiceError } from '@org/errors';
import { Refusal } from './refusal.ts';

/** An error in the way of `http-errors`, which most middleware uses. */
interface HttpError extends Error {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  /** Whether the client may read the message. */
  readonly expose?: unknown;
  readonly headers?: unknown;
}

/**
 * What middleware passed on or threw, as a `ServiceError`. An error with a `status` or `statusCode` from 400 to 599 keeps
 * it; its message is shown to the client only if it says so itself, by `expose`.
 */
export function middlewareError(thrown: unknown): ServiceError {
  const { status, statusCode, expose, message, headers } = (Error.isError(thrown) ? thrown : {}) as Partial<HttpError>;
  const claimed = [status, statusCode].find(isErrorStatus);
  const error = toServiceError(thrown);
  if (claimed === undefined || error === thrown) return error;
  const shown = expose === true && message ? message : `${STATUS_CODES[claimed] ?? 'Refused'}.`;
  return new Refusal(claimed, shown, { cause: thrown, headers: textsOf(headers) });
}

function isErrorStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) < 600;
}

function textsOf(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {};
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
