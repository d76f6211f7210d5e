/** A request to the ops port. */
export interface OpsRequest {
  readonly method: string;
  readonly path: string;
  /** What stood in the places of the pattern's `:names`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON of the body; `undefined` when there was none. */
  readonly body: unknown;
  readonly signal: AbortSignal;
}

/** An answer of the ops port. */
export interface OpsResponse {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Sent as JSON; a string as it is; a `Readable` of `node:stream` as fast as the caller reads it. The port destroys the
   * stream when the caller goes away or stops reading.
   */
  readonly body?: unknown;
}

/**
 * Who may ask: `public` is anybody, `operator` is whoever gives `OPS_TOKEN`, or while none is set a caller on loopback,
 * `token` is whoever gives `OPS_TOKEN`, and while none is set nobody.
 */
export type OpsAccess = 'public' | 'operator' | 'token';

/** One endpoint of the ops port. */
export interface OpsHandler {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** A path such as `/dead-letters/:id`. */
  readonly path: string;
  /** One sentence for the list of endpoints. */
  readonly summary: string;
  /** Default: `operator`. */
  readonly access?: OpsAccess;
  handle(request: OpsRequest): OpsResponse | Promise<OpsResponse>;
}
