import { codeFromHttpStatus, ServiceError, type ServiceErrorOptions } from '@org/errors';

/**
 * What the HTTP protocol itself refuses, by the name that clients and `docs/errors.md` know it by. Each carries the
 * code that a client would assume for its status.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.5
 */
export const refusals = {
  REQUEST_MALFORMED: { status: 400, detail: 'The request is not well-formed HTTP/1.1.' },
  PATH_MALFORMED: { status: 400, detail: 'The path is not well-formed: percent-encode it as UTF-8.' },
  BODY_MALFORMED: { status: 400, detail: 'The body is not well-formed JSON in UTF-8.' },
  BODY_TOO_DEEP: { status: 400, detail: 'The body is nested deeper than this service takes.' },
  BODY_FORBIDDEN_KEY: { status: 400, detail: 'The body has a key that no object may have: `__proto__` or its like.' },
  IDEMPOTENCY_KEY_MALFORMED: {
    status: 400,
    detail: 'This operation needs the header Idempotency-Key: 1 to 255 visible ASCII characters.',
  },
  TIMEOUT_MALFORMED: { status: 400, detail: 'The header x-request-timeout is not a whole number of milliseconds.' },
  CREDENTIALS_MISSING: {
    status: 401,
    detail: 'This operation needs credentials. The header WWW-Authenticate says which.',
  },
  SCOPE_MISSING: { status: 403, detail: 'The credentials do not allow this operation.' },
  ROUTE_NOT_FOUND: { status: 404, detail: 'There is nothing at this path.' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    detail: 'This path does not have this method. The header Allow lists those it has.',
  },
  TUNNEL_REFUSED: { status: 405, detail: 'This service is no proxy.' },
  NOT_ACCEPTABLE: { status: 406, detail: 'The answer is JSON, which the header Accept leaves out.' },
  REQUEST_TOO_SLOW: { status: 408, detail: 'The request took too long to arrive.' },
  PRECONDITION_FAILED: {
    status: 412,
    detail: 'It was changed since, or is not there any more: If-Match or its like does not hold. Read it again.',
  },
  BODY_TOO_LARGE: { status: 413, detail: 'The body is larger than this service takes.' },
  URL_TOO_LONG: { status: 414, detail: 'The path and the query are longer than this service takes.' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, detail: 'The body must be sent as application/json in UTF-8.' },
  ENCODING_UNSUPPORTED: { status: 415, detail: 'The body must be sent without a content encoding.' },
  EXPECTATION_FAILED: { status: 417, detail: 'The only expectation that this service meets is 100-continue.' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, detail: 'This Idempotency-Key came with another request before.' },
  PRECONDITION_REQUIRED: {
    status: 428,
    detail: 'This operation needs the header If-Match with the ETag of what was read, or If-Unmodified-Since.',
  },
  HEADERS_TOO_LARGE: { status: 431, detail: 'The headers are larger or more than this service takes.' },
  OVERLOADED: { status: 503, detail: 'The service has as much to do as it can take. Try again a little later.' },
} as const satisfies Record<string, { status: number; detail: string }>;

export type RefusalReason = keyof typeof refusals;

/** A `ServiceError` whose HTTP status is not that of its code. */
export class Refusal extends ServiceError {
  readonly status: number;
  /** What the status obliges the answer to say, such as `allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: ServiceErrorOptions & { headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(codeFromHttpStatus(status), message, options);
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/** Refuses a request with one of the table's reasons. */
export function refuse(
  reason: RefusalReason,
  options: Omit<ConstructorParameters<typeof Refusal>[2], 'reason'> = {},
): Refusal {
  const { status, detail } = refusals[reason];
  return withoutStack(() => new Refusal(status, detail, { reason, ...options }));
}

/**
 * Makes an error that blames the caller, or does what may fail with one. Where it was made says nothing about it, and to
 * find out would cost more than all else about the refusal.
 */
export function withoutStack<Made>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
