import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import type { Resource, Runtime } from '@org/runtime';
import { answerFailure } from './answer-failure.ts';
import { createApplication, type RestOptions } from './application.ts';
import { createConnections } from './connections.ts';
import type { RestExchange } from './exchange.ts';
import { createHttpServer } from './http-server.ts';
import { linksOf } from './links.ts';
import { defaultRules, type RestSettings } from './settings.ts';
import { watchTimeLimits } from './time-limits.ts';
import { createTls, type Tls } from './tls.ts';

/** A REST server that is listening. */
export interface RestServer extends Resource {
  readonly port: number;
  /** Where this machine reaches it: `http://localhost:3000`. */
  readonly url: string;
  readonly links: Readonly<Record<string, string>>;
  drain(signal: AbortSignal): Promise<void>;
}

/**
 * Serves the operations of a contract over HTTP/1.1, with the pages and the middleware around them; over TLS, if there is
 * a certificate.
 *
 * @throws {TypeError} when contract and routes do not fit together, or a setting is not what it has to be.
 * @throws {ServiceError} failed_precondition, PORT_IN_USE or PORT_NOT_AVAILABLE, when it cannot listen;
 *   TLS_CERTIFICATE_INVALID.
 */
export async function serveRest(settings: RestSettings, options: RestOptions, runtime: Runtime): Promise<RestServer> {
  const { logger, signal } = runtime;
  const rules = { ...defaultRules, ...settings };
  if (!Number.isInteger(rules.port)) {
    throw new TypeError(`Expected \`port\` to be an integer from 0 to 65535, got \`${String(rules.port)}\``);
  }
  let draining = false;
  const connections = createConnections();
  const { begin, end, exchanges } = connections;
  const closing = () => draining || signal.aborted;
  const tls = tlsOf(settings, logger);
  const application = createApplication(settings, options, runtime, { begin, end, exchanges, closing });
  const takesUploads = options.contract.operations.some(({ upload }) => upload !== undefined);
  const server = await createHttpServer(rules, tls?.options, { application, connections, logger, takesUploads });
  try {
    await listen(server, settings);
  } catch (error) {
    application[Symbol.dispose]();
    throw error;
  }
  const abandon = (exchange: RestExchange) => {
    const { requestId, match } = exchange;
    logger.warn(
      { request_id: requestId, route: match.target.labels.route },
      'The work on a request goes on long after its answer, and is not waited for',
    );
    end(exchange);
  };
  const limits = watchTimeLimits({ exchanges, ...rules, fail: answerFailure, abandon });
  const following = tls?.follow(server as HttpsServer);
  const { port } = server.address() as AddressInfo;
  const url = `${tls ? 'https' : 'http'}://${reachableHost(settings.host)}:${port}`;
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
      for (const part of [limits, following, application]) part?.[Symbol.dispose]();
      await connections.destroy(server);
    },
  };
}

/**
 * The same without a socket, for tests of a service's routes: a listener for any `http.Server`. It keeps none of the
 * limits that a server keeps: times, connections, the size of headers.
 */
export function createRestHandler(settings: RestSettings, options: RestOptions, runtime: Runtime): RequestListener {
  const { begin, end, exchanges } = createConnections();
  const closing = () => runtime.signal.aborted;
  const { handle } = createApplication(settings, options, runtime, { begin, end, exchanges, closing });
  return (request, response) => handle(request, response);
}

function tlsOf({ tlsCertificate, tlsKey }: RestSettings, logger: Logger): Tls | undefined {
  return tlsCertificate && tlsKey && createTls({ certificate: tlsCertificate, key: tlsKey }, logger);
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
