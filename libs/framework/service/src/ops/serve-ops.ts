import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Settings } from '@org/config';
import { ServiceError, httpStatusByCode, toServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import type { OpsHandler } from '@org/runtime';
import type { opsSettings } from '../settings.ts';
import { assertAccess, assertSameOrigin } from './access.ts';
import { readBody } from './body.ts';
import { readPage, wantsPage } from './page.ts';
import { createOpsRoutes, type OpsRoutes } from './routes.ts';
import { send, sendProblem } from './send.ts';

export type OpsSettings = Settings<ReturnType<typeof opsSettings>>;

/** The ops port: it answers from before the first part opens until after the last has closed. */
export interface Ops extends AsyncDisposable {
  readonly links: Readonly<Record<string, string>>;
  readonly routes: OpsRoutes;
  add(handlers: readonly OpsHandler[]): void;
}

/** Connections at a time; probes and a scraper need a handful. */
const maxConnections = 256;
/** How long a request and its headers may take, in milliseconds, and how often that is looked at. */
const times = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };

/**
 * Listens on the ops port.
 *
 * @throws {ServiceError} failed_precondition, OPS_PORT_UNUSABLE, when it cannot.
 */
export async function serveOps(settings: OpsSettings, { logger }: { logger: Logger }): Promise<Ops> {
  const routes = createOpsRoutes();
  const server = createServer(times, (request, response) => {
    void answer(request, response, { settings, routes, logger });
  });
  server.maxConnections = maxConnections;
  await listen(server, settings);
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    links: { Ops: `${url}/`, Health: `${url}/readyz`, Metrics: `${url}/metrics` },
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
    if (!target) return await refuse(response, [], request.url ?? '/');
    const { pathname, searchParams } = target;
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    if (method === 'GET' && pathname === '/' && wantsPage(request.headers.accept)) {
      // A browser sends no token with an address that somebody types; the page has no data and asks for the token itself.
      assertAccess(request, settings.token ? 'public' : 'operator', settings.token);
      return await send(response, await readPage({ hasToken: settings.token !== undefined }));
    }
    const match = routes.match(method, pathname);
    if (!match) return await refuse(response, routes.methodsOf(pathname), pathname);
    const { handler, parameters } = match;
    assertAccess(request, handler.access ?? 'operator', settings.token);
    if (method !== 'GET') assertSameOrigin(request);
    const body = method === 'GET' ? undefined : await readBody(request);
    const asked = { method, path: pathname, parameters, query: searchParams, body, signal: gone.signal };
    await send(response, await handler.handle(asked));
  } catch (thrown) {
    // Nobody waits for the answer any more.
    if (gone.signal.aborted) return;
    const error = toServiceError(thrown);
    if (httpStatusByCode[error.code] >= 500)
      logger.error({ err: thrown, path: request.url }, 'A request to the ops port failed');
    await sendProblem(response, error);
  }
}

// A path may begin with `//`, which names no host here.
function targetOf(url: string): URL | null {
  return URL.parse(url.startsWith('/') ? `http://ops${url}` : url, 'http://ops');
}

async function refuse(response: ServerResponse, methods: readonly string[], path: string): Promise<void> {
  if (methods.length > 0) {
    response.setHeader('allow', methods.join(', '));
    const message = `Nothing at ${path} takes this method`;
    return await sendProblem(
      response,
      new ServiceError('unimplemented', message, { reason: 'OPS_METHOD_NOT_ALLOWED' }),
      405,
    );
  }
  const message = `The ops port has nothing at ${path}. GET / lists what it has`;
  await sendProblem(response, new ServiceError('not_found', message, { reason: 'OPS_PATH_UNKNOWN' }));
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
