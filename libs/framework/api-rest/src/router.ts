import type { IncomingHttpHeaders } from 'node:http';
import Router, { type HTTPMethod } from 'find-my-way';
import type { RestExchange } from './exchange.ts';
import { createLabels, knownMethods, type Labels } from './labels.ts';
import { refuse } from './refusal.ts';
import { sendEmpty } from './send.ts';

/** Answers a request; what it throws is answered as a problem. */
export type Serve = (exchange: RestExchange) => void | Promise<void>;

/** What is found at a method and a path, and how it is called in traces and metrics. */
export interface Target {
  readonly labels: Labels;
  /** What every answer of it carries: names and values in turn. */
  readonly headers: readonly string[];
  /** Whether a body may go on for as long as its bytes do, in or out. */
  readonly unlimited: boolean;
  readonly serve: Serve;
}

/** A target, with what stood in the path and behind it. */
export interface Match {
  readonly target: Target;
  /** The values of the path's `:names`, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The query as it was sent, without its `?`. */
  readonly query: string;
}

/** One entry of the table of routes. */
export interface Entry {
  readonly method: HTTPMethod;
  /** A path such as `/orders/:id`; `*` at its end stands for the rest. */
  readonly path: string;
  /** What every answer of it carries, errors included: names and values in turn. Default: nothing. */
  readonly headers?: readonly string[];
  /** Whether a body may go on for as long as its bytes do, in or out. Default: `false`. */
  readonly unlimited?: boolean;
  readonly serve: Serve;
}

/** What the answer to a preflight of CORS says besides, for the methods of a path: names and values in turn. */
export type Preflight = (headers: IncomingHttpHeaders, methods: readonly string[]) => readonly string[];

export interface Routing {
  /** Always finds something to serve: what refuses the request if nothing else. */
  find(method: string, url: string): Match;
}

/**
 * Makes the table of routes, a radix tree. HEAD is served by what serves GET; OPTIONS is answered for every path.
 *
 * @throws {TypeError} when two entries match the same requests.
 */
export function createRouting(entries: readonly Entry[], preflight: Preflight = () => []): Routing {
  // The query is left as text: who has no use for it does not pay for taking it apart.
  const router = Router({ querystringParser: (query) => query, onBadUrl: () => undefined, maxParamLength: 1024 });
  for (const { method, path, headers = [], unlimited = false, serve } of entries) {
    for (const each of method === 'GET' ? (['GET', 'HEAD'] as const) : [method]) {
      if (router.hasRoute(each, path)) throw new TypeError(`Expected one route for \`${each} ${path}\`, got two`);
      router.on(each, path, nothing, { labels: createLabels(each, path), headers, unlimited, serve } satisfies Target);
    }
  }

  const find = (method: string, url: string) => {
    // To the router a fragment is no part of the path; in a request it has no place at all (RFC 9112 section 3.2).
    if (url.includes('#')) return malformedPath;
    const found = router.find(method as HTTPMethod, url) as Found | null;
    return found && isFilled(found.params) ? found : null;
  };
  const allowed = (url: string) => knownMethods.filter((method) => find(method, url)?.store);
  const unmatched = targetsByMethod((exchange) => serveUnmatched(exchange, allowed(exchange.request.url), preflight));
  const malformed = targetsByMethod(() => {
    throw refuse('PATH_MALFORMED');
  });

  return {
    find(method, url) {
      const found = find(method, url);
      if (found?.store) return { target: found.store, params: found.params, query: found.searchParams };
      const targets = found && url !== '*' ? malformed : unmatched;
      return { target: targets.get(method) ?? targets.get('_OTHER')!, params: {}, query: '' };
    },
  };
}

const malformedPath: Found = { store: null, params: {}, searchParams: '' };

/** What the router gives; `store` is `null` for a path that is not well-formed. */
interface Found {
  readonly store: Target | null;
  readonly params: Readonly<Record<string, string>>;
  readonly searchParams: string;
}

/** To the router `/things/` has an empty `:id`; to everybody else it is another path. What `*` stands for may be empty. */
function isFilled(params: Found['params']): boolean {
  for (const name in params) if (params[name] === '' && name !== '*') return false;
  return true;
}

function nothing(): void {}

function targetsByMethod(serve: Serve): ReadonlyMap<string, Target> {
  const methods = [...knownMethods, '_OTHER'];
  return new Map(
    methods.map((method) => [
      method,
      { labels: createLabels(method, undefined), headers: [], unlimited: false, serve },
    ]),
  );
}

/** Answers OPTIONS (RFC 9110 section 9.3.7), and refuses all else that has no route. */
function serveUnmatched(exchange: RestExchange, allowed: readonly string[], preflight: Preflight): void {
  const { method, url } = exchange.request;
  const everywhere = method === 'OPTIONS' && url === '*';
  if (allowed.length === 0 && !everywhere) throw refuse('ROUTE_NOT_FOUND');
  const allow = [...(everywhere ? ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] : allowed), 'OPTIONS'].join(', ');
  if (method !== 'OPTIONS') throw refuse('METHOD_NOT_ALLOWED', { headers: { allow } });
  sendEmpty(exchange, 204, { allow }, preflight(exchange.request.headers, allowed));
}
