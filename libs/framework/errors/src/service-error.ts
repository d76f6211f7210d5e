import { isCode, type Code } from './codes.ts';

/** One thing wrong with an input: where, as a JSON pointer (RFC 6901), and what. Never the value itself. */
export interface Violation {
  /** The place in the input, such as `/items/0/quantity`; the empty string is the whole input. */
  readonly pointer: string;
  readonly detail: string;
}

/** Facts for a program that handles the error. Whoever receives the error may see all of them. */
export interface ErrorDetails {
  readonly violations?: readonly Violation[];
  /** How long to wait before another attempt, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly [name: string]: unknown;
}

export interface ServiceErrorOptions {
  /** A stable `UPPER_SNAKE` name for this one failure, listed in `docs/errors.md`. */
  readonly reason?: string;
  readonly details?: ErrorDetails;
  /** What led to this; kept for the log, never sent to a caller. */
  readonly cause?: unknown;
}

/**
 * The one error class of services and libraries: a code from a closed list, and for programs a reason and details.
 *
 * The message says what was being done, to what, what went wrong and what to do about it. It never holds a secret.
 * Callers see the message of a code that blames the caller (4xx on HTTP) and never that of any other.
 *
 * @throws {TypeError} when `code` is not one of the codes, or `reason` is not `UPPER_SNAKE`.
 */
export class ServiceError extends Error {
  readonly code: Code;
  // Declared only, so that printing an error without them shows no empty fields.
  declare readonly reason: string | undefined;
  declare readonly details: ErrorDetails | undefined;

  constructor(code: Code, message: string, options: ServiceErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    if (!isCode(code)) throw new TypeError(`Expected \`code\` to be one of the error codes, got \`${String(code)}\``);
    if (options.reason !== undefined && !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(options.reason)) {
      throw new TypeError(`Expected \`reason\` to be an UPPER_SNAKE name, got \`${options.reason}\``);
    }
    this.code = code;
    if (options.reason !== undefined) this.reason = options.reason;
    if (options.details !== undefined) this.details = options.details;
  }

  override get name(): string {
    return 'ServiceError';
  }

  /** What logs and operators see: no stack and no cause. An answer to a caller is a problem document instead. */
  toJSON(): { code: Code; reason?: string; message: string; details?: ErrorDetails } {
    const { code, reason, message, details } = this;
    return { code, ...(reason !== undefined && { reason }), message, ...(details !== undefined && { details }) };
  }
}

/**
 * Turns whatever was thrown into a `ServiceError`: itself if it is one, `cancelled` or `deadline_exceeded` for an
 * aborted or timed-out operation (the DOM's `AbortError` and `TimeoutError`), else `internal` with the thing as cause.
 * Never throws.
 */
export function toServiceError(thrown: unknown): ServiceError {
  try {
    return readAsServiceError(thrown);
  } catch {
    // A thing that throws when it is looked at, such as a revoked proxy, would do so again in every log.
    return new ServiceError('internal', 'Something unexpected went wrong, and what was thrown cannot be read');
  }
}

function readAsServiceError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (isNamed(thrown, 'TimeoutError')) {
    return new ServiceError('deadline_exceeded', 'The time for the operation is over', { cause: thrown });
  }
  if (isNamed(thrown, 'AbortError')) {
    // Node's own `AbortError` carries the signal's reason as its cause, and that says why the operation was aborted.
    if (thrown.cause instanceof ServiceError || isNamed(thrown.cause, 'TimeoutError')) {
      return toServiceError(thrown.cause);
    }
    return new ServiceError('cancelled', 'The operation was cancelled', { cause: thrown });
  }
  return new ServiceError('internal', 'Something unexpected went wrong', { cause: thrown });
}

function isNamed(thrown: unknown, name: string): thrown is Error {
  return thrown instanceof Error && thrown.name === name;
}
