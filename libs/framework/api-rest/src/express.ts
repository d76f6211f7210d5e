import { ServerResponse, type IncomingMessage } from 'node:http';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { ClientAddress } from './client-address.ts';
import type { RestExchange } from './exchange.ts';
import { middlewareError } from './middleware-error.ts';
import { presetHeaders } from './send.ts';

/** Express, for whoever speaks it: middleware and pages. Operations do not go through it. */
export interface Express {
  /** Whether there is any middleware. */
  readonly used: boolean;
  readonly handler: RequestHandler;
  readonly prototypes: { readonly request: object; readonly response: object };
  /** Gives a request the methods of Express, and so its response. */
  adopt(request: IncomingMessage, response: ServerResponse): Request;
}

export function createExpress(middleware: readonly RequestHandler[], client: ClientAddress): Express {
  const app = express().disable('x-powered-by');
  // Where nobody is trusted, middleware is to see just that.
  if (client.trusts) app.set('trust proxy', client.trust);
  Object.defineProperty(app.request, 'ip', {
    configurable: true,
    get(this: Request) {
      return client.addressOf(this);
    },
  });
  if (middleware.length > 0) app.use(...middleware);
  guardAnswers(app.response);
  return {
    used: middleware.length > 0,
    handler: app,
    prototypes: { request: app.request, response: app.response },
    adopt(request, response) {
      // Those of a server that was made for this are born so: changing a prototype is slow.
      if (Object.getPrototypeOf(request) !== app.request) Object.setPrototypeOf(request, app.request);
      if (Object.getPrototypeOf(response) !== app.response) Object.setPrototypeOf(response, app.response);
      return request as Request;
    },
  };
}

/**
 * Runs something of Express and ends when it passes on, or when the answer is out.
 *
 * @throws {ServiceError} of what it passes to `next`, throws or rejects with.
 */
export function passThrough(handler: RequestHandler, exchange: RestExchange): Promise<void> {
  const { request } = exchange;
  const response = exchange.response as Response;
  // Whoever answers in the way of Express does not know of these.
  presetHeaders(exchange);
  request.res = response;
  response.locals ??= Object.create(null) as Response['locals'];
  return new Promise((resolve, reject) => {
    response.once('close', resolve);
    void handler(request, response, (thrown?: unknown) => {
      // `router` and `route` are how Express leaves a router early.
      if (thrown === undefined || thrown === null || thrown === 'router' || thrown === 'route') resolve();
      else reject(middlewareError(thrown));
    });
  });
}

/**
 * The first answer holds. Who sets a header when it is out is told by the event `error`, as who writes is: where nobody
 * waits, as in a timer, an error that is thrown would end the process.
 */
function guardAnswers(response: ServerResponse): void {
  const { setHeader, writeHead } = ServerResponse.prototype as unknown as Record<string, LateMethod>;
  const guarded = (method: LateMethod) =>
    function late(this: ServerResponse, ...given: unknown[]): unknown {
      if (!this.headersSent) return method.apply(this, given);
      this.emit('error', new Error('The answer is out: its headers cannot be set any more'));
      return this;
    };
  Object.assign(response, { setHeader: guarded(setHeader!), writeHead: guarded(writeHead!) });
}

type LateMethod = (this: ServerResponse, ...given: unknown[]) => unknown;
