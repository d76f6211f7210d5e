import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCallContext, runInContext } from '@org/context';
import type { Contract } from '@org/contract';
import type { Runtime } from '@org/runtime';
import type { RequestHandler } from 'express';
import { answerFailure } from './answer-failure.ts';
import { refusalOfHead } from './arrival.ts';
import type { Authentication } from './authenticate.ts';
import { createClientAddress } from './client-address.ts';
import { createCors } from './cors.ts';
import { timeoutFrom } from './deadline.ts';
import { collectEntries } from './entries.ts';
import { RestExchange, type Serving } from './exchange.ts';
import { createExpress, passThrough } from './express.ts';
import type { IdempotencyStore } from './idempotency.ts';
import type { Route } from './implement.ts';
import { createObserver } from './observe.ts';
import type { Page } from './page.ts';
import { createProbes } from './probes.ts';
import { refuse, type Refusal } from './refusal.ts';
import { createRouting } from './router.ts';
import { replaceOwnHeaders } from './send.ts';
import { createSecurityHeaders } from './security-headers.ts';
import { defaultRules, type RestSettings } from './settings.ts';

export interface RestOptions {
  readonly contract: Contract;
  /** One for each operation of the contract. */
  readonly routes: readonly Route[];
  /** How each security scheme of the contract is checked, by its name. Default: nothing, for a contract without. */
  readonly authenticate?: Authentication;
  /** Pages for people, such as `swagger()`. Default: none. */
  readonly pages?: readonly Page[];
  /**
   * Express middleware that runs before operations and pages, in this order. What it refuses in the way of `http-errors`
   * becomes a problem document. Default: none.
   */
  readonly middleware?: readonly RequestHandler[];
  /** Default: a store in memory, which does for one replica only. */
  readonly idempotency?: IdempotencyStore;
  /** Other values of security headers, and more of them, by name; `false` leaves one out, or all. Default: as they are. */
  readonly securityHeaders?: Readonly<Record<string, string | false>> | false;
}

/** What whoever owns the socket wants to know. */
export interface Watch {
  readonly begin: (exchange: RestExchange) => void;
  /** The answer is out or the client gone, and the work has ended. */
  readonly end: (exchange: RestExchange) => void;
  /** What goes on. */
  readonly exchanges: ReadonlySet<RestExchange>;
  /** Whether clients should go elsewhere with their next request. */
  readonly closing: () => boolean;
}

/** All of REST but the socket. */
export interface Application extends Disposable {
  /** What the requests and responses of a server should be born as, so that none has to become it. */
  readonly prototypes: { readonly request: object; readonly response: object };
  /** Serves a request; or refuses it, when whoever took it in says so. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, refusal?: Refusal) => void;
}

/** Where a response has its exchange, for the listeners that all responses share. */
const exchangeKey = Symbol('exchange');

type Response = ServerResponse & { [exchangeKey]?: RestExchange };

const overloaded = refuse('OVERLOADED', { details: { retryAfterMs: 1_000 } });

/**
 * Puts operations, pages and middleware together.
 *
 * @throws {TypeError} when an operation of the contract has no route, or a route no operation, or two match the same
 *   requests, or a security scheme is not checked.
 */
export function createApplication(
  settings: RestSettings,
  options: RestOptions,
  runtime: Runtime,
  watch: Watch,
): Application {
  const rules = { ...defaultRules, ...settings };
  const { logger } = runtime;
  let working = 0;
  const client = createClientAddress(settings.trustedProxies ?? []);
  const cors = createCorsOf(rules, options);
  const serving: Serving = {
    logger,
    stopping: runtime.signal,
    closing: watch.closing,
    headers: createSecurityHeaders(options.securityHeaders),
    corsHeaders: cors?.headersFor,
    timeoutMs: rules.timeoutMs,
    giveBackPlace: () => void (working -= 1),
  };
  const middleware = createExpress(options.middleware ?? [], client);
  const routing = createRouting(collectEntries(rules, options), cors?.preflightFor);
  const probes = createProbes(runtime, watch.closing);
  const observer = createObserver(client, () => watch.exchanges);

  function work(exchange: RestExchange, refusal: Refusal | undefined): void {
    try {
      const waited = refusal ? answerFailure(exchange, refusal) : serve(exchange);
      if (waited) return void settleAfter(exchange, waited);
    } catch (thrown) {
      answerFailure(exchange, thrown);
    }
    settle(exchange);
  }

  async function settleAfter(exchange: RestExchange, waited: Promise<void>): Promise<void> {
    try {
      await waited;
    } catch (thrown) {
      answerFailure(exchange, thrown);
    }
    settle(exchange);
  }

  function serve(exchange: RestExchange): void | Promise<void> {
    const timeout = exchange.request.headers['x-request-timeout'];
    if (timeout !== undefined) exchange.expireAfter(timeoutFrom(timeout), answerFailure);
    if (exchange.over) return;
    return middleware.used ? serveBehindMiddleware(exchange) : exchange.match.target.serve(exchange);
  }

  async function serveBehindMiddleware(exchange: RestExchange): Promise<void> {
    const { request } = exchange;
    const { method, url } = request;
    await passThrough(middleware.handler, exchange);
    // Middleware may send a request elsewhere.
    if (request.url !== url || request.method !== method) {
      const { headers: former } = exchange.match.target;
      exchange.match = routing.find(request.method, request.url);
      observer.rename(exchange);
      if (!exchange.over) replaceOwnHeaders(exchange, former);
    }
    if (!exchange.over) await exchange.match.target.serve(exchange);
  }

  function settle(exchange: RestExchange): void {
    exchange.settled = true;
    if (exchange.closed) watch.end(exchange);
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
    handle(incoming, response: Response, refusal = refusalOfHead(incoming, rules.urlLimit)) {
      const { url = '/' } = incoming;
      const end = url.indexOf('?');
      const path = end === -1 ? url : url.slice(0, end);
      if (probes.serve(path, incoming, response)) return;
      const request = middleware.adopt(incoming, response);
      const exchange = new RestExchange(serving, request, response, path, routing.find(request.method, url));
      // Whoever sends such a head, or means to go on with another protocol, may not mean a request by what comes next.
      if (refusal || request.headers.upgrade !== undefined) exchange.last = true;
      response[exchangeKey] = exchange;
      response.on('close', close).on('error', noteLateWrite);
      working += 1;
      watch.begin(exchange);
      observer.begin(exchange);
      const context = createCallContext(exchange, exchange.span, exchange.remote);
      runInContext(context, work, exchange, refusal ?? (working > rules.concurrency ? overloaded : undefined));
    },
    [Symbol.dispose]: () => observer[Symbol.dispose](),
  };
}

function createCorsOf({ corsOrigins, corsCredentials }: RestSettings, { contract }: RestOptions) {
  if (corsOrigins === undefined || corsOrigins.length === 0) return undefined;
  const schemes = Object.values(contract.securitySchemes ?? {});
  return createCors({
    origins: corsOrigins,
    credentials: corsCredentials ?? false,
    requestHeaders: [
      ...contract.operations.flatMap(({ headers }) =>
        Object.keys((headers as { shape?: object } | undefined)?.shape ?? {}),
      ),
      ...schemes.flatMap((scheme) => (scheme.type === 'apiKey' && scheme.in === 'header' ? [scheme.name] : [])),
    ],
    responseHeaders: contract.operations.flatMap(({ success }) => Object.keys(success.headers ?? {})),
  });
}
