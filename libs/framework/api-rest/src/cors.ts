import { validateHeaderName, type IncomingHttpHeaders } from 'node:http';
import { assertOrigins, isBelow } from './cors-origins.ts';

export interface CorsOptions {
  /**
   * The origins whose pages may read answers: `https://app.example.com`, `https://*.example.com` for all below that
   * domain, or `*` alone for every one.
   */
  readonly origins: readonly string[];
  /** Whether requests may carry cookies and client certificates. Default: `false`. */
  readonly credentials?: boolean;
  /** The headers that pages may send, besides those that every operation understands. Default: none. */
  readonly requestHeaders?: readonly string[];
  /** The headers that pages may read, besides those that the server sets. Default: none. */
  readonly responseHeaders?: readonly string[];
  /** How long a browser may remember a preflight, in seconds, from 0 to 86 400. Default: 600. */
  readonly maxAgeSeconds?: number;
}

/** What answers say to pages of other origins: names in lower case and values in turns, ready for `writeHead`. */
export interface Cors {
  /** For every answer, whatever was asked. */
  readonly headersFor: (origin: string | undefined) => readonly string[];
  /** What the answer to a preflight says besides, `methods` being those of its path; nothing when it is none. */
  readonly preflightFor: (headers: IncomingHttpHeaders, methods: readonly string[]) => readonly string[];
}

/** What all operations understand. Those of the CORS-safelist are left out. */
const knownRequestHeaders = [
  ...['authorization', 'content-type', 'idempotency-key', 'last-event-id', 'range'],
  ...['if-match', 'if-modified-since', 'if-none-match', 'if-unmodified-since'],
  ...['baggage', 'traceparent', 'tracestate', 'x-request-id', 'x-request-timeout'],
];

/** What answers may carry. Those of the CORS-safelist are left out. */
const knownResponseHeaders = [
  ...['content-disposition', 'content-range', 'deprecation', 'etag', 'idempotency-replayed', 'link', 'location'],
  ...['retry-after', 'sunset', 'www-authenticate', 'x-request-id'],
];

const nothing: readonly string[] = [];
const varies: readonly string[] = ['vary', 'origin'];

/**
 * Makes what pages of other origins need to use the API. Nobody is refused here: it is browsers that keep an answer, or the
 * right to send a request, from a page whose origin is not allowed. The origin `null` cannot be named, since any page can
 * have it.
 *
 * @throws {TypeError} when an origin is not what browsers send, `*` stands beside others or with credentials, or a name
 *   is not a header's.
 * @throws {RangeError} when `maxAgeSeconds` is not from 0 to 86 400.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function createCors(options: CorsOptions): Cors {
  const { origins, credentials = false, requestHeaders = [], responseHeaders = [], maxAgeSeconds = 600 } = options;
  assertOrigins(origins, credentials);
  if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 0 || maxAgeSeconds > 86_400) {
    throw new RangeError(`Expected \`maxAgeSeconds\` to be an integer from 0 to 86400, got \`${maxAgeSeconds}\``);
  }
  const permissions = [
    ...['access-control-expose-headers', namesOf(knownResponseHeaders, responseHeaders, 'responseHeaders')],
    ...(credentials ? ['access-control-allow-credentials', 'true'] : []),
  ];
  // By name, since browsers take `*` by its letter where there are credentials, and never for `authorization`.
  const preflight = [
    ...['access-control-allow-headers', namesOf(knownRequestHeaders, requestHeaders, 'requestHeaders')],
    ...['access-control-max-age', String(maxAgeSeconds)],
  ];

  const permit = (origin: string) => ['access-control-allow-origin', origin, ...permissions];
  const everyone = origins.includes('*') ? permit('*') : undefined;
  const named = origins.filter((origin) => !origin.includes('*'));
  const exact = new Map(named.map((origin) => [origin, [...permit(origin), ...varies]]));
  const wildcards = origins.filter((origin) => origin.startsWith('https://*.'));
  const suffixes = wildcards.map((origin) => origin.slice('https://*'.length));

  function permissionFor(origin: string): readonly string[] | undefined {
    const known = everyone ?? exact.get(origin);
    if (known) return known;
    return suffixes.some((suffix) => isBelow(origin, suffix)) ? [...permit(origin), ...varies] : undefined;
  }

  return {
    headersFor(origin) {
      if (everyone) return everyone;
      // Caches must keep the answers to different origins apart, and from those to none:
      // https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
      return (origin !== undefined && permissionFor(origin)) || varies;
    },
    preflightFor({ origin, 'access-control-request-method': asked }, methods) {
      const isPreflight = origin !== undefined && asked !== undefined && methods.length > 0;
      if (!isPreflight || !permissionFor(origin)) return nothing;
      return ['access-control-allow-methods', methods.join(', '), ...preflight];
    },
  };
}

function namesOf(known: readonly string[], more: readonly string[], option: string): string {
  for (const name of more) {
    try {
      validateHeaderName(name);
    } catch (cause) {
      throw new TypeError(`Expected \`${option}\` to be names of headers, got ${JSON.stringify(name)}`, { cause });
    }
  }
  return [...new Set([...known, ...more.map((name) => name.toLowerCase())])].join(', ');
}
