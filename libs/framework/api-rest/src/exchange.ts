import type { ServerResponse } from 'node:http';
import { createCall, type Call, type Identity } from '@org/context';
import { ServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import { ROOT_CONTEXT, type Context, type Span } from '@opentelemetry/api';
import type { Request } from 'express';
import { clientGone } from './client-gone.ts';
import type { Exchange } from './implement.ts';
import { requestIdFrom } from './request-id.ts';
import type { Match } from './router.ts';

/** What all exchanges of a server have in common. */
export interface Serving {
  readonly logger: Logger;
  /** Whether the service is about to stop. */
  readonly closing: () => boolean;
}

/**
 * One request and its answer, from the first byte to the last: the call that the work runs in, and all that is noted on
 * the way. What few handlers ask for is made when it is asked for.
 */
export class RestExchange implements Exchange, Call {
  readonly startedAt = performance.now();
  readonly request: Request;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** The path as it was asked for, without the query. */
  readonly path: string;
  match: Match;
  identity: Identity | undefined = undefined;
  deadline: number | undefined = undefined;
  span: Span | undefined = undefined;
  traceContext: Context = ROOT_CONTEXT;
  /** Why the answer is not the one that the operation promises. */
  error: ServiceError | undefined = undefined;
  /** Whether the answer came from here, and not from whoever got hold of the raw response. */
  sent = false;
  /** Whether the answer is out, or the client is gone. */
  closed = false;
  /** Whether the work has come to its end. */
  settled = false;

  readonly #serving: Serving;
  #call: (Call & Disposable) | undefined;
  #client: AbortController | undefined;

  constructor(serving: Serving, request: Request, response: ServerResponse, path: string, match: Match) {
    this.#serving = serving;
    this.request = request;
    this.response = response;
    this.requestId = requestIdFrom(request.headers['x-request-id']);
    this.match = match;
    this.path = path;
  }

  get logger(): Logger {
    return this.#serving.logger;
  }

  /** Whether the client should go elsewhere with its next request. */
  get closing(): boolean {
    return this.#serving.closing();
  }

  get signal(): AbortSignal {
    return this.#openCall(undefined).signal;
  }

  /** Whether nobody can be answered any more: an answer is under way or out, or the client is gone. */
  get over(): boolean {
    return this.closed || this.response.headersSent || this.response.writableEnded;
  }

  /** Whether a handler or a middleware answered through the raw response. */
  get answeredElsewhere(): boolean {
    return !this.sent && (this.response.headersSent || this.response.writableEnded);
  }

  /** Gives the work so much time, in milliseconds, and calls back when that is over. */
  expireAfter(timeoutMs: number, onExpired: (error: ServiceError) => void): void {
    const { signal, deadline } = this.#openCall(timeoutMs);
    this.deadline = deadline;
    const expire = () => {
      const reason: unknown = signal.reason;
      if (reason instanceof ServiceError && reason.code === 'deadline_exceeded') onExpired(reason);
    };
    if (signal.aborted) expire();
    else signal.addEventListener('abort', expire, { once: true });
  }

  /** Notes that the answer is out, or that the client went away before it was. */
  close(): void {
    this.closed = true;
    if (!this.response.writableFinished) this.#client?.abort(clientGone());
    this.#call?.[Symbol.dispose]();
  }

  #openCall(timeoutMs: number | undefined): Call {
    if (this.#call) return this.#call;
    this.#client = new AbortController();
    if (this.closed && !this.response.writableFinished) this.#client.abort(clientGone());
    this.#call = createCall({
      requestId: this.requestId,
      signal: this.#client.signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    return this.#call;
  }
}
