import { currentContext } from '@org/context';
import { toServiceError } from '@org/errors';
import { SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';
import type { Place } from './driver.ts';
import type { DatabaseInstruments } from './instruments.ts';
import { createSummaries, type Summary } from './summary.ts';
import { isServerError } from './translate.ts';

/** Runs a work under a span and measures it, by what its statement does. */
export type Observe = <Value>(text: string, work: (doing: string) => Promise<Value>) => Promise<Value>;

export interface ObserveInstruments extends Pick<DatabaseInstruments, 'operationDuration'> {
  readonly tracer: Pick<DatabaseInstruments['tracer'], 'startSpan'>;
}

/** @see https://opentelemetry.io/docs/specs/semconv/db/postgresql/ */
export function createObserve({ tracer, operationDuration }: ObserveInstruments, place: Place): Observe {
  const summaryOf = createSummaries({ 'db.system.name': 'postgresql', 'db.namespace': place.namespace });
  const server: Attributes = {
    ...(place.host !== undefined && { 'server.address': place.host }),
    ...(place.port !== undefined && { 'server.port': place.port }),
  };
  const measure = (started: number, attributes: Attributes) =>
    operationDuration.record((performance.now() - started) / 1_000, attributes);
  // One promise a statement, and nothing made for each that is the same for all of its text.
  return (text, work) => {
    const summary = summaryOf(text);
    const { attributes } = summary;
    const started = performance.now();
    const span = tracer.startSpan(summary.text, summary.span, currentContext());
    if (span.isRecording()) describe(span, summary, server);
    return work(summary.doing).then(
      (value) => {
        span.end();
        measure(started, attributes);
        return value;
      },
      (error: unknown) => {
        const failure = failureOf(error);
        span.setAttributes(failure).setStatus({ code: SpanStatusCode.ERROR });
        span.end();
        measure(started, { ...attributes, 'error.type': failure['error.type'] });
        throw error;
      },
    );
  };
}

function describe(span: Span, { text, sanitized }: Summary, server: Attributes): void {
  span.setAttributes({ ...server, 'db.query.summary': text, 'db.query.text': sanitized.slice(0, 1_024) });
}

function failureOf(thrown: unknown): Attributes & { readonly 'error.type': string } {
  const error = toServiceError(thrown);
  const state = isServerError(error.cause) ? error.cause.code : undefined;
  return { 'error.type': error.reason ?? error.code, ...(state && { 'db.response.status_code': state }) };
}
