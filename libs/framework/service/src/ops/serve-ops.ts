import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Settings } from '@org/config';
import { ServiceError, httpStatusByCode, toServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import type { OpsHandler, OpsResponse } from '@org/runtime';
import type { opsSettings } from '../settings.ts';
import { assertAccess } from './access.ts';
import { readBody } from './body.ts';
import { createOpsRoutes, type OpsRoutes } from './routes.ts';

export type OpsSettings = Settings<ReturnType<typeof opsSettings>>;

/** The ops port: it answers from before the first part opens until after the last has closed. */
export interface Ops extends AsyncDisposable {
  readonly links: Readonly<Record<string, string>>;
  readonly routes: OpsRoutes;
  add(handlers: readonly OpsHandler[]): void;
}

/** Connections at a time; probes and a scraper need a handful. */
const maxConnections = 256;

/**
 * Listens on the ops port.
 *
 * @throws {ServiceError} failed_precondition, OPS_PORT_UNUSABLE, when it cannot.
 */
export async function serveOps(settings: OpsSettings, { logger }: { logger: Logger }): Promise<Ops> {
  const routes = createOpsRoutes();
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void answer(request, response, { settings, routes, logger });
  });
  server.maxConnections = maxConnections;
  await listen(server, settings);
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    links: { Health: `${url}/readyz`, Metrics: `${url}/metrics` },
    routes,
    add: (handlers) => routes.add(handlers),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { settings, routes, logger }: { settings: OpsSettings; routes: OpsRoutes; logger: Logger },
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const target = targetOf(request.url ?? '/');
    if (!target) return refuse(response, [], request.url ?? '/');
    const { pathname, searchParams } = target;
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    const match = routes.match(method, pathname);
    if (!match) return refuse(response, routes.methodsOf(pathname), pathname);
    if (!match.handler.public) assertAccess(request, settings.token);
    const { handler, parameters } = match;
    const body = method === 'GET' ? undefined : await readBody(request);
    send(
      response,
      await handler.handle({ method, path: pathname, parameters, query: searchParams, body, signal: gone.signal }),
    );
  } catch (thrown) {
    // Nobody waits for the answer any more.
    if (gone.signal.aborted) return;
    const error = toServiceError(thrown);
    if (httpStatusByCode[error.code] >= 500)
      logger.error({ err: thrown, path: request.url }, 'A request to the ops port failed');
    sendProblem(response, error);
  }
}

// A path may begin with `//`, which names no host here.
function targetOf(url: string): URL | null {
  return URL.parse(url.startsWith('/') ? `http://ops${url}` : url, 'http://ops');
}

function refuse(response: ServerResponse, methods: readonly string[], path: string): void {
  if (methods.length > 0) {
    response.setHeader('allow', methods.join(', '));
    const message = `Nothing at ${path} takes this method`;
    return sendProblem(response, new ServiceError('unimplemented', message, { reason: 'OPS_METHOD_NOT_ALLOWED' }), 405);
  }
  const message = `The ops port has nothing at ${path}. GET / lists what it has`;
  sendProblem(response, new ServiceError('not_found', message, { reason: 'OPS_PATH_UNKNOWN' }));
}

function sendProblem(
  response: ServerResponse,
  error: ServiceError,
  status: number = httpStatusByCode[error.code],
): void {
  if (response.headersSent || response.destroyed) return;
  // As on any port: what went wrong inside is for the log alone.
  const detail = status < 500 || status === 501 ? error.message : undefined;
  send(response, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: { type: 'about:blank', status, code: error.code, reason: error.reason, detail },
  });
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: OpsResponse): void {
  const isText = typeof body === 'string';
  // Written before the head is: a body that is no JSON is a failure with a status of its own.
  const text = isText ? body : body === undefined ? '' : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(text);
}

async function listen(server: Server, { port, host }: OpsSettings): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'something else listens there' : (code ?? 'it failed');
    const message = `Cannot serve the ops port ${port}: ${why}. Set OPS_PORT and OPS_HOST to what this process may listen on`;
    throw new ServiceError('failed_precondition', message, { reason: 'OPS_PORT_UNUSABLE', cause });
  }
}
