import { ServiceError } from '@org/errors';
import type { Health, Report } from '@org/health';
import type { Logging } from '@org/logging';
import type { Metrics } from '@org/metrics';
import type { OpsHandler, OpsResponse, Runtime } from '@org/runtime';
import type { ConfigurationRow } from '../configuration.ts';
import type { KernelSettings } from '../fragments.ts';
import { readDependencies } from './dependencies.ts';
import { createLogLevelHandlers } from './log-levels.ts';
import { createProfileHandlers } from './profiles.ts';
import type { OpsRoutes } from './routes.ts';

export interface KernelHandlersOptions {
  readonly settings: Pick<KernelSettings, 'service'>;
  readonly service: Runtime['service'];
  readonly logging: Logging;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly routes: OpsRoutes;
  readonly configuration: () => readonly ConfigurationRow[];
}

/** What every service's ops port has. */
export function createKernelHandlers(options: KernelHandlersOptions): OpsHandler[] {
  const { settings, service, logging, metrics, health, routes, configuration } = options;
  const get = (path: string, summary: string, handle: OpsHandler['handle']): OpsHandler => ({
    method: 'GET',
    path,
    summary,
    handle,
  });
  const forAll = (handler: OpsHandler): OpsHandler => ({ ...handler, access: 'public' });
  return [
    ...[
      get('/livez', 'Whether the process is alive; it never looks at dependencies.', () => probe(health.liveness())),
      get('/readyz', 'Whether the service can do its work, check by check.', async () =>
        probe(await health.readiness()),
      ),
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
    ].map(forAll),
    get('/health/changes', 'The last changes of checks, with their reasons.', () => ({ body: health.changes() })),
    get('/config', 'The configuration in force, without secrets.', () => ({ body: configuration() })),
    get('/dependencies', 'The packages that the service consists of, with their versions.', async () => ({
      body: await readDependencies(import.meta.dirname, process.argv[1] ?? ''),
    })),
    ...createLogLevelHandlers(logging),
    ...createProfileHandlers({ service: service.name, logger: logging.logger.named('ops') }),
    get('/', 'This list; in a browser the page.', () => ({ headers: { vary: 'accept' }, body: listOf(routes) })),
  ];
}

function listOf(routes: OpsRoutes) {
  return routes.list().map(({ method, path, summary, access = 'operator' }) => ({ method, path, summary, access }));
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
