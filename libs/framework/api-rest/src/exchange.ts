import type { ServerResponse } from 'node:http';
import { deadlineExceeded, type Call, type Identity } from '@org/context';
import type { ServiceError } from '@org/errors';
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
  /** Aborts when the service begins to stop. */
  readonly stopping: AbortSignal;
  /** Whether clients should go elsewhere with their next request. */
  readonly closing: () => boolean;
  /** What every answer carries: names and values in turns. */
  readonly headers: readonly string[];
  /** What answers say to a page of another origin besides; `undefined` where there is no CORS. */
  readonly corsHeaders: ((origin: string | undefined) => readonly string[]) | undefined;
  /** How long the work on a request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Makes room for another request. */
  readonly giveBackPlace: () => void;
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
  readonly serving: Serving;
  match: Match;
  identity: Identity | undefined = undefined;
  deadline: number | undefined;
  span: Span | undefined = undefined;
  /** The trace context and the baggage that came with the request. */
  remote: Context = ROOT_CONTEXT;
  /** Why the answer is not the one that the operation promises. */
  error: ServiceError | undefined = undefined;
  /** Whether the answer came from here, and not from whoever got hold of the raw response. */
  sent = false;
  /** Whether the answer is out, or the client is gone. */
  closed = false;
  /** Whether the work has come to its end. */
  settled = false;
  /** Whether no other request is taken over the connection of this one. */
  last = false;
  /** Whether the answer goes on for as long as the client likes, so that the exchange counts as work no more. */
  endless = false;
  /** Whether the time was over that the caller gave, and not that of the service. */
  expiredForCaller = false;
  /** Whether the response has the headers of all answers already, for Express to see and to change. */
  headersAreSet = false;

  #controller: AbortController | undefined = undefined;
  #abortedWith: ServiceError | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(serving: Serving, request: Request, response: ServerResponse, path: string, match: Match) {
    this.serving = serving;
    this.request = request;
    this.response = response;
    this.requestId = requestIdFrom(request.headers['x-request-id']);
    this.path = path;
    this.match = match;
    this.deadline = match.target.unlimited ? undefined : this.startedAt + serving.timeoutMs;
  }

  get logger(): Logger {
    return this.serving.logger;
  }

  /** Whether the client should go elsewhere with its next request. */
  get closing(): boolean {
    return this.last || this.serving.closing();
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abortedWith) this.#controller.abort(this.#abortedWith);
    return this.#controller.signal;
  }

  /** Whether nobody can be answered any more: an answer is under way or out, or the client is gone. */
  get over(): boolean {
    return this.closed || this.response.headersSent || this.response.writableEnded;
  }

  /** Whether a handler or a middleware answered through the raw response. */
  get answeredElsewhere(): boolean {
    return !this.sent && (this.response.headersSent || this.response.writableEnded);
  }

  /** Gives back the place among the requests that are worked on: this answer goes on for as long as the client likes. */
  becomeEndless(): void {
    if (this.endless) return;
    this.endless = true;
    if (!this.closed) this.serving.giveBackPlace();
  }

  /** Tells the work to end. */
  abort(reason: ServiceError): void {
    this.#abortedWith ??= reason;
    this.#controller?.abort(reason);
  }

  /** Gives the work so much time in all, in milliseconds, and calls back when that is over. */
  expireAfter(timeoutMs: number, onExpired: (exchange: RestExchange, error: ServiceError) => void): void {
    const deadline = this.startedAt + timeoutMs;
    if (this.deadline !== undefined && this.deadline <= deadline) return;
    this.deadline = deadline;
    const expire = () => {
      const error = deadlineExceeded(timeoutMs);
      this.expiredForCaller = true;
      this.abort(error);
      onExpired(this, error);
    };
    if (timeoutMs === 0) expire();
    else this.#timer = setTimeout(expire, timeoutMs).unref();
  }

  /** Notes that the answer is out, or that the client went away before it was. */
  close(): void {
    this.closed = true;
    if (!this.endless) this.serving.giveBackPlace();
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    // Work that goes on is for nobody any more.
    const isAnswered = this.response.writableFinished && this.error === undefined;
    if (!this.settled && !isAnswered) this.abort(this.error ?? clientGone());
  }
}
