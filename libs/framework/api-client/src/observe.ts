import { ServiceError, toServiceError } from '@org/errors';
import { createInstruments } from '@org/metrics';
import type { Operation } from '@org/contract';
import { SpanKind, SpanStatusCode, context, propagation, trace, type Attributes } from '@opentelemetry/api';

const library = '@org/api-client';

/** One attempt, as traces and metrics see it. */
export interface Observation {
  /** Adds `traceparent` and what else the propagators send. */
  inject(headers: Headers): void;
  /** The head of the answer is here. */
  answered(status: number): void;
  /** It is over; `thrown` is what it failed with. */
  end(thrown?: unknown): void;
}

/** Begins the observation of an attempt, from 1 up. */
export type Observe = (operation: Operation, url: string, attempt: number) => Observation;

/**
 * Sees to it that each attempt leaves one span and one measurement.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export function createObserve(base: URL): Observe {
  const tracer = trace.getTracer(library);
  const duration = createInstruments(library).histogram('http.client.request.duration', {
    description: 'Duration of HTTP client requests.',
    unit: 's',
  });
  const server: Attributes = {
    'server.address': base.hostname.replace(/^\[(.*)\]$/, '$1'),
    'server.port': Number(base.port) || (base.protocol === 'https:' ? 443 : 80),
    'url.scheme': base.protocol.slice(0, -1),
  };

  return ({ method, path }, url, attempt) => {
    const startedAt = performance.now();
    const labels: Attributes = { 'http.request.method': method, 'url.template': path, ...server };
    const span = tracer.startSpan(`${method} ${path}`, { kind: SpanKind.CLIENT, attributes: labels });
    if (span.isRecording()) {
      // Without the query: there may be secrets in it, and nothing says which.
      span.setAttribute('url.full', url.replace(/\?.*$/, ''));
      if (attempt > 1) span.setAttribute('http.request.resend_count', attempt - 1);
    }
    let status: number | undefined;
    return {
      inject(headers) {
        const setter = { set: (carrier: Headers, name: string, value: string) => carrier.set(name, value) };
        propagation.inject(trace.setSpan(context.active(), span), headers, setter);
      },
      answered(answer) {
        status = answer;
      },
      end(thrown) {
        const outcome: Attributes = {};
        if (status !== undefined) outcome['http.response.status_code'] = status;
        const errorType = errorTypeOf(status, thrown);
        if (errorType !== undefined) outcome['error.type'] = errorType;
        duration.record((performance.now() - startedAt) / 1000, { ...labels, ...outcome });
        if (span.isRecording()) {
          span.setAttributes(outcome);
          if (errorType !== undefined)
            span.setStatus({
              code: SpanStatusCode.ERROR,
              ...(thrown instanceof ServiceError && { message: thrown.message }),
            });
        }
        span.end();
      },
    };
  };
}

/** The status when it is an error, else what the client itself found: one of few words, none of them the server's. */
function errorTypeOf(status: number | undefined, thrown: unknown): string | undefined {
  if (status !== undefined && status >= 400) return String(status);
  if (thrown === undefined) return undefined;
  const { code, reason } = toServiceError(thrown);
  return reason?.startsWith('ANSWER_') || reason === 'CONNECTION_FAILED' ? reason : code;
}
