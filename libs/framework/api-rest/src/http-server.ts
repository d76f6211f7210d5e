import { IncomingMessage, ServerResponse, createServer, type Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { DropArgument, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@org/logging';
import { answerFailure } from './answer-failure.ts';
import type { Application } from './application.ts';
import { answerClientError, refuseRaw } from './client-error.ts';
import type { Connections } from './connections.ts';
import { refuse } from './refusal.ts';
import type { RestRules } from './settings.ts';

/** How many requests of one connection are at work at a time: it must not take the place of all others. */
const mostPipelined = 128;
const retry = { details: { retryAfterMs: 1_000 } };

/** What a server works with. */
interface Connected {
  readonly application: Application;
  readonly connections: Connections;
  readonly logger: Logger;
  /** Whether there are requests that may take any time to arrive. */
  readonly takesUploads: boolean;
}

/**
 * Makes a server that keeps the rules and gives its requests to an application; over TLS, if there are options for that.
 */
export async function createHttpServer(
  rules: RestRules,
  tls: ServerOptions | undefined,
  connected: Connected,
): Promise<Server> {
  const { prototypes } = connected.application;
  const options = {
    IncomingMessage: bornAs(IncomingMessage, prototypes.request),
    ServerResponse: bornAs(ServerResponse, prototypes.response),
    maxHeaderSize: rules.headersLimit,
    headersTimeout: rules.headersTimeoutMs,
    // For what is still sent behind an answer. Before it, the time depends on what the request is.
    requestTimeout: connected.takesUploads ? 0 : rules.headersTimeoutMs + 2 * rules.transferTimeoutMs,
    connectionsCheckingInterval: Math.max(10, Math.min(1_000, rules.headersTimeoutMs / 4)),
    keepAliveTimeout: rules.keepAliveTimeoutMs,
    // Missing, it is refused with a problem document instead.
    requireHostHeader: false,
  };
  // Loaded where it is used: it takes a part of the time to start.
  const server = tls ? (await import('node:https')).createServer({ ...tls, ...options }) : createServer(options);
  server.maxConnections = rules.connections;
  // Header lines are counted where the request is refused for them; beyond a limit here, Node would leave them out.
  server.maxHeadersCount = 0;
  connect(server, connected, tls !== undefined);
  return server;
}

function connect(server: Server, { application: { handle }, connections, logger }: Connected, secure: boolean): void {
  const clientErrors = { logger, over: connections.over, fail: answerFailure };
  server
    .on('request', (request: IncomingMessage, response: ServerResponse) => {
      // Behind the last answer of a connection comes none, whatever the client sends.
      if (!request.socket.writable) return;
      if (response.socket !== null) return handle(request, response);
      // It came before the answer to the one before it was out.
      const before = connections.over(request.socket);
      if (before.some(({ last }) => last)) return;
      handle(request, response, before.length < mostPipelined ? undefined : refuse('OVERLOADED', retry));
    })
    .on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
      handle(request, response, refuse('EXPECTATION_FAILED')),
    )
    .on('connect', (_: IncomingMessage, socket: Duplex) =>
      refuseRaw(socket as Socket, refuse('TUNNEL_REFUSED'), logger),
    )
    .on('clientError', (error: Error, socket: Duplex) => answerClientError(error, socket as Socket, clientErrors))
    .on('drop', ({ remoteAddress }: DropArgument = {}) =>
      logger.warn(
        { client: remoteAddress },
        'A connection is closed at once: there are as many as REST_CONNECTIONS allows',
      ),
    );
  if (secure) server.on('connection', connections.addRaw).on('secureConnection', connections.add);
  else server.on('connection', connections.add);
}

/**
 * The constructor with another prototype. Node's are functions, which any object can be given to. V8 keeps room for the
 * fields of the constructors that a constructor inherits from; without that, each request and response would become a
 * dictionary, slow in everything that Node does with it.
 */
function bornAs<Constructor extends typeof IncomingMessage | typeof ServerResponse>(
  constructor: Constructor,
  prototype: object,
): Constructor {
  const construct = constructor as unknown as (this: object, ...given: unknown[]) => void;
  function Born(this: object, ...given: unknown[]): void {
    construct.apply(this, given);
  }
  Object.setPrototypeOf(Born, constructor);
  Born.prototype = prototype;
  return Born as unknown as Constructor;
}
