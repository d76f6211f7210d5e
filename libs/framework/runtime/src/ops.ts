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

/** An answer of the ops port: `body` is sent as JSON, a string as it is. */
export interface OpsResponse {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One endpoint of the ops port. */
export interface OpsHandler {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** A path such as `/dead-letters/:id`. */
  readonly path: string;
  /** One sentence for the list of endpoints. */
  readonly summary: string;
  /** Whether it answers without `OPS_TOKEN` to callers from elsewhere. Default: `false`. */
  readonly public?: boolean;
  handle(request: OpsRequest): OpsResponse | Promise<OpsResponse>;
}
