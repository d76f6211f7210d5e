import { SpanKind, type Attributes, type SpanOptions } from '@opentelemetry/api';

// Semantic conventions for HTTP, stable since 1.23: https://opentelemetry.io/docs/specs/semconv/http/http-spans/

/** How the exchanges of one method and route are called in traces and metrics. Made once, so that no request makes it. */
export interface Labels {
  readonly method: string;
  /** The template of the path, such as `/orders/:id`; `undefined` when nothing is there. */
  readonly route: string | undefined;
  readonly spanName: string;
  /** By what the client speaks. */
  readonly http: SchemeLabels;
  readonly https: SchemeLabels;
}

interface SchemeLabels {
  readonly spanOptions: SpanOptions & { readonly attributes: Attributes };
  /** The attributes of the histogram by status, filled as statuses occur; `0` is an answer that nobody got. */
  readonly byStatus: Map<number, Attributes>;
}

/** The methods that OpenTelemetry knows; any other is `_OTHER`, so that callers cannot make up series. */
export const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const;

export function createLabels(method: string, route: string | undefined): Labels {
  const shown = method === '_OTHER' ? 'HTTP' : method;
  const forScheme = (scheme: string): SchemeLabels => ({
    spanOptions: {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': method,
        'url.scheme': scheme,
        ...(route !== undefined && { 'http.route': route }),
      },
    },
    byStatus: new Map(),
  });
  return {
    method,
    route,
    spanName: route === undefined ? shown : `${shown} ${route}`,
    http: forScheme('http'),
    https: forScheme('https'),
  };
}

/** The attributes of `http.server.request.duration` for a status; 0 stands for a client that went away before its answer. */
export function attributesFor(labels: Labels, scheme: 'http' | 'https', status: number): Attributes {
  const { byStatus, spanOptions } = labels[scheme];
  const known = byStatus.get(status);
  if (known) return known;
  const attributes: Attributes = { ...spanOptions.attributes };
  if (status > 0) attributes['http.response.status_code'] = status;
  const errorType = errorTypeFor(status);
  if (errorType) attributes['error.type'] = errorType;
  // Frozen, so that instruments find it again by what it is.
  byStatus.set(status, Object.freeze(attributes));
  return attributes;
}

/** The attribute `error.type`: there when the server is to blame, or the client did not wait. */
export function errorTypeFor(status: number): string | undefined {
  if (status === 0) return 'cancelled';
  return status >= 500 ? String(status) : undefined;
}
