import { createInstruments } from '@org/metrics';
import { INVALID_TRACEID, ROOT_CONTEXT, SpanStatusCode, metrics, propagation, trace } from '@opentelemetry/api';
import type { ClientAddress } from './client-address.ts';
import type { RestExchange } from './exchange.ts';
import { attributesFor, errorTypeFor } from './labels.ts';
import { statusOf } from './problem.ts';
import { Refusal } from './refusal.ts';

const library = '@org/api-rest';

/** Sees to it that each exchange leaves one span, one measurement and one line in the log. */
export interface Observer extends Disposable {
  begin(exchange: RestExchange): void;
  /** The request was sent elsewhere, so that it is called otherwise. */
  rename(exchange: RestExchange): void;
  /** The answer is out, or the client is gone. */
  end(exchange: RestExchange): void;
}

/**
 * Made when serving starts, so that instruments belong to the telemetry that is then in place.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
export function createObserver(client: ClientAddress, exchanges: () => Iterable<RestExchange>): Observer {
  const tracer = trace.getTracer(library);
  const duration = createInstruments(library).histogram('http.server.request.duration', {
    description: 'Duration of HTTP server requests.',
    unit: 's',
  });
  const stopCounting = countActive(client, exchanges);
  return {
    begin(exchange) {
      const { request, match } = exchange;
      const { labels } = match.target;
      const remote = propagation.extract(ROOT_CONTEXT, request.headers);
      const { spanOptions } = labels[client.protocolOf(request)];
      const span = tracer.startSpan(labels.spanName, spanOptions, remote);
      if (span.isRecording()) span.setAttributes(requestAttributes(exchange, client));
      exchange.span = span;
      exchange.remote = remote;
    },
    rename({ request, span, match }) {
      const { labels } = match.target;
      span?.updateName(labels.spanName).setAttributes(labels[client.protocolOf(request)].spanOptions.attributes);
    },
    end(exchange) {
      const elapsedMs = performance.now() - exchange.startedAt;
      const { request, response, match, span } = exchange;
      const status = response.headersSent ? response.statusCode : 0;
      duration.record(elapsedMs / 1000, attributesFor(match.target.labels, client.protocolOf(request), status));
      if (span?.isRecording()) {
        const errorType = errorTypeFor(status);
        if (status > 0) span.setAttribute('http.response.status_code', status);
        if (errorType) span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
      }
      span?.end();
      writeLine(exchange, client, status, elapsedMs);
    },
    [Symbol.dispose]: stopCounting,
  };
}

/** Requests that are being worked on, counted when somebody asks: nothing is done for it per request. */
function countActive(client: ClientAddress, exchanges: () => Iterable<RestExchange>): () => void {
  const active = createInstruments(library).observableUpDownCounter('http.server.active_requests', {
    description: 'Number of active HTTP server requests.',
    unit: '{request}',
  });
  const counts = new Map<string, number>();
  const meter = metrics.getMeter(library);
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    // What is not observed any more would stay as it was.
    for (const key of counts.keys()) counts.set(key, 0);
    for (const { request, match } of exchanges()) {
      const key = `${match.target.labels.method} ${client.protocolOf(request)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, count] of counts) {
      const [method = '', scheme = ''] = key.split(' ');
      result.observe(active, count, { 'http.request.method': method, 'url.scheme': scheme });
    }
  };
  meter.addBatchObservableCallback(observe, [active]);
  return () => meter.removeBatchObservableCallback(observe, [active]);
}

/** What only this request has. The query is left out: callers put secrets into it. */
function requestAttributes({ request, path, match }: RestExchange, client: ClientAddress) {
  const { method, headers, socket, httpVersion } = request;
  return {
    'url.path': path,
    'network.protocol.version': httpVersion,
    'client.address': client.addressOf(request),
    'server.address': headers.host?.replace(/:\d+$/, ''),
    'server.port': socket.localPort,
    'user_agent.original': headers['user-agent'],
    ...(match.target.labels.method === '_OTHER' && { 'http.request.method_original': method }),
  };
}

/** The status in the log of a request whose client did not wait, as nginx has it. */
const clientClosedRequest = 499;

function writeLine(exchange: RestExchange, client: ClientAddress, status: number, elapsedMs: number): void {
  const { request, response, path, match, error, requestId, span, logger } = exchange;
  const context = span?.spanContext();
  const fields: Record<string, unknown> = {
    request_id: requestId,
    method: request.method,
    path,
    route: match.target.labels.route,
    status: status || clientClosedRequest,
    duration_ms: Math.round(elapsedMs * 1000) / 1000,
    client: client.addressOf(request),
  };
  if (context && context.traceId !== INVALID_TRACEID) {
    fields.trace_id = context.traceId;
    fields.span_id = context.spanId;
  }
  if (!response.writableFinished) fields.aborted = true;
  if (error) {
    fields.code = error.code;
    fields.reason = error.reason;
  }
  const isFailure = status >= 500 || (error !== undefined && statusOf(error) >= 500);
  // What the service refuses by its own rules has no cause that an operator would have to look for.
  const isRule = error instanceof Refusal && error.cause === undefined;
  // Nor has a caller in a hurry, who could fill the log with errors otherwise.
  if (isFailure && exchange.expiredForCaller) logger.info(fields, 'request');
  else if (isFailure && !isRule) logger.error({ ...fields, err: error }, 'request');
  else if (isFailure) logger.warn(fields, 'request');
  else logger.info(fields, 'request');
}
