import { ServiceError } from '@org/errors';
import type { Health, Report } from '@org/health';
import { levelNames, type Level, type Logging } from '@org/logging';
import type { Metrics } from '@org/metrics';
import type { OpsHandler, OpsRequest, OpsResponse, Runtime } from '@org/runtime';
import type { KernelSettings } from '../fragments.ts';
import type { OpsRoutes } from './routes.ts';

export interface KernelHandlersOptions {
  readonly settings: Pick<KernelSettings, 'service'>;
  readonly service: Runtime['service'];
  readonly logging: Logging;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly routes: OpsRoutes;
}

/** What every service's ops port has. */
export function createKernelHandlers(options: KernelHandlersOptions): OpsHandler[] {
  const { settings, service, logging, metrics, health, routes } = options;
  const get = (path: string, summary: string, handle: OpsHandler['handle'], isPublic = true): OpsHandler => ({
    method: 'GET',
    path,
    summary,
    public: isPublic,
    handle,
  });
  return [
    get('/livez', 'Whether the process is alive; it never looks at dependencies.', () => probe(health.liveness())),
    get('/readyz', 'Whether the service can do its work, check by check.', async () => probe(await health.readiness())),
    get('/readyz/:check', 'One check alone.', async ({ parameters }) =>
      one(await health.readiness(), parameters.check),
    ),
    get('/startupz', 'Whether the service has started, and what it waits for.', () => probe(health.startup())),
    get('/metrics', 'All metrics, for Prometheus.', async () => ({
      headers: { 'content-type': metrics.contentType },
      body: await metrics.expose(),
    })),
    get('/info', 'Which service this is, and which build.', () => ({
      body: { ...service, buildTime: settings.service.buildTime, node: process.versions.node },
    })),
    get(
      '/health/changes',
      'The last changes of checks, with their reasons.',
      () => ({ body: health.changes() }),
      false,
    ),
    get('/loglevel', 'The level of the logs, and of the loggers with one of their own.', () => levels(logging), false),
    {
      method: 'PUT',
      path: '/loglevel',
      summary: 'Sets the level: {"level":"debug"}, with "logger" for one logger only.',
      handle: (request) => setLevel(logging, request),
    },
    get(
      '/',
      'This list.',
      () => ({ body: routes.list().map(({ method, path, summary }) => ({ method, path, summary })) }),
      false,
    ),
  ];
}

function probe(report: Report): OpsResponse {
  return { status: report.status === 'failed' ? 503 : 200, body: report };
}

function one({ checks }: Report, name = ''): OpsResponse {
  const result = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (result) return { status: result.status === 'failed' ? 503 : 200, body: result };
  const message = `There is no check \`${name}\`. There are: ${Object.keys(checks).join(', ') || 'none'}`;
  throw new ServiceError('not_found', message, { reason: 'CHECK_UNKNOWN' });
}

function levels(logging: Logging): OpsResponse {
  return { body: { level: logging.level(), loggers: logging.levels() } };
}

function setLevel(logging: Logging, { body }: OpsRequest): OpsResponse {
  const { level, logger } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (!levelNames.includes(level as Level) || (logger !== undefined && typeof logger !== 'string')) {
    const message = `Expected a body such as {"level":"debug"} or {"level":"debug","logger":"rest"}, with a level of ${levelNames.join(', ')}`;
    throw new ServiceError('invalid_argument', message, { reason: 'OPS_BODY_INVALID' });
  }
  logging.setLevel(level as Level, logger);
  logging.logger.info({ level, of: logger ?? 'all' }, 'The log level was set');
  return levels(logging);
}
