import type { IncomingMessage, ServerResponse } from 'node:http';
import { runInCall } from '@org/context';
import type { Contract } from '@org/contract';
import type { Runtime } from '@org/runtime';
import { context } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { answerFailure } from './answer-failure.ts';
import { timeoutFrom } from './deadline.ts';
import { collectEntries } from './entries.ts';
import { RestExchange } from './exchange.ts';
import { createExpress, passThrough } from './express.ts';
import type { IdempotencyStore } from './idempotency.ts';
import type { Route } from './implement.ts';
import { createObserver } from './observe.ts';
import type { Page } from './page.ts';
import { createProbes } from './probes.ts';
import { refuse, type Refusal } from './refusal.ts';
import { createRouting } from './router.ts';
import type { RestSettings } from './settings.ts';

export interface RestOptions {
  readonly contract: Contract;
  /** One for each operation of the contract. */
  readonly routes: readonly Route[];
  /** Pages for people, such as `swagger()`. Default: none. */
  readonly pages?: readonly Page[];
  /**
   * Express middleware that runs before operations and pages, in this order. What it refuses in the way of `http-errors`
   * becomes a problem document. Default: none.
   */
  readonly middleware?: readonly RequestHandler[];
  /** Default: a store in memory, which does for one replica only. */
  readonly idempotency?: IdempotencyStore;
}

/** What whoever owns the socket wants to know. */
export interface Watch {
  readonly begin: (exchange: RestExchange) => void;
  /** The answer is out or the client gone, and the work has ended. */
  readonly end: (exchange: RestExchange) => void;
  /** Whether clients should go elsewhere with their next request. */
  readonly closing: () => boolean;
}

/** All of REST but the socket. */
export interface Application {
  /** What the requests and responses of a server should be born as, so that none has to become it. */
  readonly prototypes: { readonly request: object; readonly response: object };
  /** Serves a request; or refuses it, when whoever took it in says so. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, refusal?: Refusal) => void;
}

/** Where a response has its exchange, for the listeners that all responses share. */
const exchangeKey = Symbol('exchange');

type Response = ServerResponse & { [exchangeKey]?: RestExchange };

/**
 * Puts operations, pages and middleware together.
 *
 * @throws {TypeError} when an operation of the contract has no route, or a route no operation, or two match the same requests.
 */
export function createApplication(
  settings: RestSettings,
  options: RestOptions,
  runtime: Runtime,
  watch: Watch,
): Application {
  const { logger } = runtime;
  const serving = { logger, closing: watch.closing };
  const middleware = createExpress(options.middleware ?? []);
  const routing = createRouting(collectEntries(settings, options));
  const probes = createProbes(runtime, watch.closing);
  const observer = createObserver();

  async function work(exchange: RestExchange, refusal: Refusal | undefined): Promise<void> {
    try {
      if (refusal) throw refusal;
      limitTime(exchange);
      if (middleware.used) await runMiddleware(exchange);
      if (!exchange.over) await exchange.match.target.serve(exchange);
    } catch (thrown) {
      answerFailure(exchange, thrown);
    }
    exchange.settled = true;
    if (exchange.closed) watch.end(exchange);
  }

  async function runMiddleware(exchange: RestExchange): Promise<void> {
    const { request } = exchange;
    const { method, url } = request;
    await passThrough(middleware.handler, exchange);
    // Middleware may send a request elsewhere.
    if (request.url === url && request.method === method) return;
    exchange.match = routing.find(request.method, request.url);
    observer.rename(exchange);
  }

  function enter(exchange: RestExchange, refusal: Refusal | undefined): void {
    runInCall(exchange, () => void work(exchange, refusal));
  }

  function close(this: Response): void {
    const exchange = this[exchangeKey]!;
    exchange.close();
    observer.end(exchange);
    if (exchange.settled) watch.end(exchange);
  }

  function noteLateWrite(this: Response, error: Error): void {
    // Whoever writes to an answer that is out is told so by an event, which must not end the process.
    logger.warn(
      { err: error, request_id: this[exchangeKey]?.requestId },
      'Something was written to an answer that is out',
    );
  }

  return {
    prototypes: middleware.prototypes,
    handle(incoming, response: Response, refusal = refusalOf(incoming)) {
      const { url = '/' } = incoming;
      const end = url.indexOf('?');
      const path = end === -1 ? url : url.slice(0, end);
      if (probes.serve(path, incoming, response)) return;
      const request = middleware.adopt(incoming, response);
      const exchange = new RestExchange(serving, request, response, path, routing.find(request.method, url));
      response[exchangeKey] = exchange;
      response.on('close', close).on('error', noteLateWrite);
      watch.begin(exchange);
      observer.begin(exchange);
      context.with(exchange.traceContext, enter, undefined, exchange, refusal);
    },
  };
}

function limitTime(exchange: RestExchange): void {
  const timeoutMs = timeoutFrom(exchange.request.headers['x-request-timeout']);
  if (timeoutMs !== undefined) exchange.expireAfter(timeoutMs, (error) => answerFailure(exchange, error));
}

/** RFC 9112 section 3.2: a request of HTTP/1.1 without Host is answered with 400. */
function refusalOf({ httpVersion, headers }: IncomingMessage): Refusal | undefined {
  return httpVersion === '1.1' && headers.host === undefined ? refuse('REQUEST_MALFORMED') : undefined;
}
