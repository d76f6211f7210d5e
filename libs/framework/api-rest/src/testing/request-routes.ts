import type { Runtime } from '@org/runtime';
import { collectLogger, type CollectedLine } from '@org/testing';
import type { RestOptions } from '../application.ts';
import { createRestHandler } from '../serve-rest.ts';
import { fetchInMemory } from './fetch-in-memory.ts';

/** What `serveRest` takes, with defaults for what tests of routes do not care about. */
export interface RequestRoutesOptions extends RestOptions {
  /** The most bytes that the body of a request may have. Default: 1 MiB. */
  readonly bodyLimit?: number;
  /** What differs from a runtime that is healthy and named as its contract; with a `logger`, `logs` stays empty. */
  readonly runtime?: Partial<Runtime>;
}

export interface FetchInit extends RequestInit {
  /** A body that is sent as JSON, as `application/json` unless `headers` has another type. */
  readonly json?: unknown;
}

/** Routes that are served to a test alone. */
export interface TestedRoutes {
  /**
   * Does what the global `fetch` does, for a path such as `/orders?limit=2`, but for redirects: they are the answer. The
   * answer is whole and its request logged when this resolves.
   *
   * @throws {TypeError} for what is no request, and when the connection breaks off before the answer is whole.
   */
  readonly fetch: (path: string, init?: FetchInit) => Promise<Response>;
  /** What was logged so far. */
  readonly logs: readonly CollectedLine[];
}

/**
 * Serves routes to a test without a port: all of REST and the HTTP parser of Node, over connections in memory. Each ends
 * with its answer, so there is nothing to close. The routes may be those of one file: what else the contract promises is
 * not there, and that all of it is kept is checked by `serveRest`.
 *
 * @throws {TypeError} when a route's operation is not in the contract, or two routes match the same requests.
 */
export function requestRoutes({ bodyLimit = 1024 * 1024, runtime, ...options }: RequestRoutesOptions): TestedRoutes {
  const logger = collectLogger();
  const settings = { port: 0, host: undefined, bodyLimit };
  const given = new Set(options.routes.map(({ operation }) => operation.id));
  const contract = { ...options.contract, operations: options.contract.operations.filter(({ id }) => given.has(id)) };
  const served = { ...options, contract };
  const handler = createRestHandler(settings, served, { ...runtimeOf(contract), logger, ...runtime });
  return {
    fetch: async (path, init = {}) => await fetchInMemory(handler, requestOf(path, init)),
    logs: logger.lines,
  };
}

function runtimeOf(contract: RestOptions['contract']): Omit<Runtime, 'logger'> {
  const ok = { status: 'ok', checks: {} } as const;
  return {
    service: { name: contract.name, version: contract.version, commit: undefined },
    contract,
    health: { liveness: () => ok, readiness: async () => ok, startup: () => ok, changes: () => [] },
    signal: new AbortController().signal,
  };
}

function requestOf(path: string, { json, ...init }: FetchInit): Request {
  if (!path.startsWith('/')) throw new TypeError(`Expected \`path\` to be one such as \`/orders\`, got \`${path}\``);
  const url = `http://localhost${path}`;
  if (json === undefined) return new Request(url, init);
  if (init.body !== undefined && init.body !== null) throw new TypeError('Expected `json` or `body`, got both');
  const body = JSON.stringify(json) as string | undefined;
  if (body === undefined) throw new TypeError(`Expected \`json\` to be a value of JSON, got a \`${typeof json}\``);
  const headers = new Headers(init.headers);
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  return new Request(url, { ...init, headers, body });
}
