import { currentContext } from '@org/context';
import { toServiceError } from '@org/errors';
import { SpanKind, SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';
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
  return async (text, work) => {
    const summary = summaryOf(text);
    const started = performance.now();
    const options = { kind: SpanKind.CLIENT, attributes: summary.attributes };
    const span = tracer.startSpan(summary.text, options, currentContext());
    if (span.isRecording()) describe(span, summary, server);
    let failure: Attributes | undefined;
    try {
      return await work(`run \`${summary.text}\``);
    } catch (error) {
      failure = failureOf(error);
      span.setAttributes(failure).setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
      const { 'error.type': type } = failure ?? {};
      const attributes = type === undefined ? summary.attributes : { ...summary.attributes, 'error.type': type };
      operationDuration.record((performance.now() - started) / 1_000, attributes);
    }
  };
}

function describe(span: Span, { text, sanitized }: Summary, server: Attributes): void {
  span.setAttributes({ ...server, 'db.query.summary': text, 'db.query.text': sanitized.slice(0, 1_024) });
}

function failureOf(thrown: unknown): Attributes {
  const error = toServiceError(thrown);
  const state = isServerError(error.cause) ? error.cause.code : undefined;
  return { 'error.type': error.reason ?? error.code, ...(state && { 'db.response.status_code': state }) };
}
