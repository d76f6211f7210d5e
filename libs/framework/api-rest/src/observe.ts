import { createInstruments } from '@org/metrics';
import { ROOT_CONTEXT, SpanStatusCode, isSpanContextValid, propagation, trace } from '@opentelemetry/api';
import type { RestExchange } from './exchange.ts';
import { attributesFor, errorTypeFor } from './labels.ts';
import { statusOf } from './problem.ts';

const library = '@org/api-rest';

/** Sees to it that each exchange leaves one span, one measurement and one line in the log. */
export interface Observer {
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
export function createObserver(): Observer {
  const tracer = trace.getTracer(library);
  const duration = createInstruments(library).histogram('http.server.request.duration', {
    description: 'Duration of HTTP server requests.',
    unit: 's',
  });
  return {
    begin(exchange) {
      const { request, match } = exchange;
      const { labels } = match.target;
      const parent = propagation.extract(ROOT_CONTEXT, request.headers);
      const span = tracer.startSpan(labels.spanName, labels.spanOptions, parent);
      if (span.isRecording()) span.setAttributes(requestAttributes(exchange));
      exchange.span = span;
      exchange.traceContext = trace.setSpan(parent, span);
    },
    rename({ span, match }) {
      const { spanName, spanOptions } = match.target.labels;
      span?.updateName(spanName).setAttributes(spanOptions.attributes);
    },
    end(exchange) {
      const elapsedMs = performance.now() - exchange.startedAt;
      const { response, match, span } = exchange;
      const status = response.headersSent ? response.statusCode : 0;
      duration.record(elapsedMs / 1000, attributesFor(match.target.labels, status));
      if (span?.isRecording()) {
        const errorType = errorTypeFor(status);
        if (status > 0) span.setAttribute('http.response.status_code', status);
        if (errorType) span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
      }
      span?.end();
      writeLine(exchange, status, elapsedMs);
    },
  };
}

/** What only this request has. The query is left out: callers put secrets into it. */
function requestAttributes({ request, path, match }: RestExchange) {
  const { method, headers, socket, httpVersion } = request;
  return {
    'url.path': path,
    'network.protocol.version': httpVersion,
    'client.address': socket.remoteAddress,
    'server.address': headers.host?.replace(/:\d+$/, ''),
    'server.port': socket.localPort,
    'user_agent.original': headers['user-agent'],
    ...(match.target.labels.method === '_OTHER' && { 'http.request.method_original': method }),
  };
}

/** The status in the log of a request whose client did not wait, as nginx has it. */
const clientClosedRequest = 499;

function writeLine(
  { request, response, path, match, error, requestId, span, logger }: RestExchange,
  status: number,
  elapsedMs: number,
): void {
  const context = span?.spanContext();
  const fields: Record<string, unknown> = {
    request_id: requestId,
    method: request.method,
    path,
    route: match.target.labels.route,
    status: status || clientClosedRequest,
    duration_ms: Math.round(elapsedMs * 1000) / 1000,
  };
  if (context && isSpanContextValid(context)) {
    fields.trace_id = context.traceId;
    fields.span_id = context.spanId;
  }
  if (!response.writableFinished) fields.aborted = true;
  if (status >= 500 || (error && statusOf(error) >= 500)) {
    logger.error({ ...fields, err: error }, 'request');
    return;
  }
  if (error) {
    fields.code = error.code;
    fields.reason = error.reason;
  }
  logger.info(fields, 'request');
}
