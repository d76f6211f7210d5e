import { once } from 'node:events';
import { IncomingMessage, ServerResponse, createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceError } from '@org/errors';
import type { Resource, Runtime } from '@org/runtime';
import { createApplication, type Application, type RestOptions } from './application.ts';
import { answerClientError } from './client-error.ts';
import { createConnections } from './connections.ts';
import { linksOf } from './links.ts';
import { refuse } from './refusal.ts';
import type { RestSettings } from './settings.ts';

/** A REST server that is listening. */
export interface RestServer extends Resource {
  readonly port: number;
  /** Where this machine reaches it: `http://localhost:3000`. */
  readonly url: string;
  readonly links: Readonly<Record<string, string>>;
  drain(signal: AbortSignal): Promise<void>;
}

/** How long a request may take to arrive, headers and body, in milliseconds. */
const requestTimeoutMs = 60_000;
/** How long a connection may wait for its next request: longer than load balancers do, which is 60 s as a rule. */
const keepAliveTimeoutMs = 65_000;

/**
 * Serves the operations of a contract over HTTP/1.1, with the pages and the middleware around them.
 *
 * @throws {TypeError} when contract and routes do not fit together.
 * @throws {ServiceError} failed_precondition, PORT_IN_USE or PORT_NOT_AVAILABLE, when it cannot listen.
 */
export async function serveRest(settings: RestSettings, options: RestOptions, runtime: Runtime): Promise<RestServer> {
  const { logger, signal } = runtime;
  let draining = false;
  const connections = createConnections();
  const { begin, end, exchanges } = connections;
  const closing = () => draining || signal.aborted;
  const application = createApplication(settings, options, runtime, { begin, end, closing });
  const server = createHttpServer(application, runtime).on('connection', connections.add);
  await listen(server, settings);

  const { port } = server.address() as AddressInfo;
  const url = `http://${reachableHost(settings.host)}:${port}`;
  return {
    port,
    url,
    links: linksOf(url, options.contract, options.pages ?? []),
    async drain(time) {
      draining = true;
      await Promise.race([connections.close(server), aborted(time)]);
      if (exchanges.size === 0) return;
      const abandoned = [...exchanges].slice(0, 10).map(({ request, path }) => `${request.method} ${path}`);
      logger.warn({ abandoned, count: exchanges.size }, 'Requests are abandoned: the time to stop is over');
    },
    async [Symbol.asyncDispose]() {
      draining = true;
      await connections.destroy(server);
    },
  };
}

/** The same without a socket, for tests of a service's routes: a listener for any `http.Server`. */
export function createRestHandler(settings: RestSettings, options: RestOptions, runtime: Runtime): RequestListener {
  const { handle } = createApplication(settings, options, runtime, {
    begin: () => undefined,
    end: () => undefined,
    closing: () => runtime.signal.aborted,
  });
  return (request, response) => handle(request, response);
}

function createHttpServer({ handle, prototypes }: Application, { logger }: Runtime): Server {
  const options = {
    IncomingMessage: bornAs(IncomingMessage, prototypes.request),
    ServerResponse: bornAs(ServerResponse, prototypes.response),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Missing, it is refused with a problem document instead.
    requireHostHeader: false,
  };
  return createServer(options, (request, response) => handle(request, response))
    .on('checkExpectation', (request, response) => handle(request, response, refuse('EXPECTATION_FAILED')))
    .on('clientError', (error, socket) =>
      answerClientError(error, socket as Parameters<typeof answerClientError>[1], logger),
    );
}

/** The constructor with another prototype. Node's are functions, which any object can be given to. */
function bornAs<Constructor extends typeof IncomingMessage | typeof ServerResponse>(
  constructor: Constructor,
  prototype: object,
): Constructor {
  const construct = constructor as unknown as (this: object, ...given: unknown[]) => void;
  function Born(this: object, ...given: unknown[]): void {
    construct.apply(this, given);
  }
  Born.prototype = prototype;
  return Born as unknown as Constructor;
}

async function listen(server: Server, { port, host }: RestSettings): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const place = host === undefined ? `port ${port}` : `port ${port} of ${host}`;
    if (code === 'EADDRINUSE') {
      const message = `Cannot serve REST on ${place}: something else listens there. Stop it, or set PORT to a free port`;
      throw new ServiceError('failed_precondition', message, { reason: 'PORT_IN_USE', cause });
    }
    const message = `Cannot serve REST on ${place}: ${code ?? 'it failed'}. Set PORT and HOST to what this process may listen on`;
    throw new ServiceError('failed_precondition', message, { reason: 'PORT_NOT_AVAILABLE', cause });
  }
}

/** A name for an address that stands for all interfaces; brackets around an IPv6 address. */
function reachableHost(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
