/** Headers by name. A list is for `set-cookie`, a line each; of any other header it becomes one line. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The answer of a handler where the body alone does not say it all. Made by `reply` and its like. */
export class Reply<Body = unknown> {
  /** `undefined`: the success status of the operation. */
  readonly status: number | undefined;
  readonly headers: ReplyHeaders;
  readonly body: Body;

  constructor(status: number | undefined, headers: ReplyHeaders, body: Body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** For the usual case, by whose identity it is told. */
export const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** 201: the thing was made, is found at `location`, and is in the body. RFC 9110 section 15.3.2. */
export function created<Body>(location: string, body: Body): Reply<Body> {
  return new Reply(201, { location }, body);
}

/** 202: the thing will be done later. RFC 9110 section 15.3.3. */
export function accepted<Body>(body: Body): Reply<Body> {
  return new Reply(202, noHeaders, body);
}

/** 204: it is done, and there is nothing to say. RFC 9110 section 15.3.5. */
export function noContent(): Reply<undefined> {
  return new Reply(204, noHeaders, undefined);
}

/**
 * Any other success: `status` from 200 to 399 (default: the operation's own), `headers` by name, `body`. An error is
 * thrown, not replied. What names the body or the connection (`content-type`, `content-length`, …) is not a handler's.
 */
export function reply<Body = undefined>(
  parts: { status?: number; headers?: ReplyHeaders; body?: Body } = {},
): Reply<Body> {
  return new Reply(parts.status, parts.headers ?? noHeaders, parts.body as Body);
}
