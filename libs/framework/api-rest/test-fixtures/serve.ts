import type { Runtime } from '@org/runtime';
import { collectLogger, type CollectingLogger } from '@org/testing';
import { defineContract, type Operation } from '@org/contract';
import { serveRest, type RestOptions, type RestServer, type RestSettings, type Route } from '../src/index.ts';

type Health = Runtime['health'];

export interface TestRuntime extends Runtime {
  readonly logger: CollectingLogger;
  readonly stop: AbortController;
}

/** A runtime of plain objects; `stop` begins the stop of the service. */
export function testRuntime(health: Partial<Health> = {}): TestRuntime {
  const stop = new AbortController();
  const ok = { status: 'ok', checks: {} } as const;
  return {
    logger: collectLogger(),
    service: { name: 'things', version: '1.0.0', commit: undefined },
    contract: undefined,
    health: { liveness: () => ok, readiness: async () => ok, startup: () => ok, changes: () => [], ...health },
    signal: stop.signal,
    stop,
  };
}

export interface TestServer extends AsyncDisposable {
  readonly server: RestServer;
  readonly url: string;
  readonly runtime: TestRuntime;
  readonly logs: CollectingLogger['lines'];
  /** The lines of requests. */
  requests(): Record<string, unknown>[];
}

export interface TestOptions extends Partial<Omit<RestOptions, 'routes'>> {
  readonly bodyLimit?: number;
  readonly settings?: Partial<RestSettings>;
  readonly runtime?: TestRuntime;
}

/** Serves routes on a free port of this machine. The contract is made of their operations. */
export async function serve(routes: readonly Route[], options: TestOptions = {}): Promise<TestServer> {
  const { bodyLimit = 64 * 1024, settings: more, runtime = testRuntime(), ...rest } = options;
  const contract = rest.contract ?? contractOf(routes.map(({ operation }) => operation));
  const settings = { port: 0, host: '127.0.0.1', bodyLimit, ...more };
  const server = await serveRest(settings, { ...rest, contract, routes }, runtime);
  return {
    server,
    url: server.url,
    runtime,
    logs: runtime.logger.lines,
    requests: () => runtime.logger.lines.filter(({ message }) => message === 'request').map(({ fields }) => fields),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export function contractOf(operations: readonly Operation[]) {
  return defineContract({ name: 'things', version: '1.0.0', title: 'Things', operations });
}

/** A problem document, as a test looks at it. */
export interface Problem {
  status: number;
  code: string;
  reason?: string;
  detail?: string;
  requestId: string;
  errors?: { in?: string; pointer: string; detail: string }[];
  [member: string]: unknown;
}

export async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type');
  const body = (await response.json()) as Problem;
  if (type !== 'application/problem+json' || body.status !== response.status) {
    throw new Error(`Expected a problem document, got ${type} with ${JSON.stringify(body)}`);
  }
  return body;
}

export const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
