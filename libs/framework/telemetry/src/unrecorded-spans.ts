import {
  TraceFlags,
  context as contextApi,
  isSpanContextValid,
  trace,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import type { Ids } from './ids.ts';

/** The span above a new one, where there is one and it goes on. */
export function parentOf(options: SpanOptions | undefined, context: Context): SpanContext | undefined {
  if (options?.root) return undefined;
  const parent = trace.getSpan(context)?.spanContext();
  return parent && isSpanContextValid(parent) ? parent : undefined;
}

/**
 * A provider of spans that are there for their ids alone, so that logs correlate and `traceparent` goes out: each call
 * has a trace of its own or goes on with its caller's, and nothing is recorded. A caller that samples is not
 * contradicted: those further on may well send their spans.
 *
 * @see https://www.w3.org/TR/trace-context/#sampled-flag
 */
export function createUnrecordedSpans(ids: Ids): TracerProvider {
  const tracer = createTracer((_name, options, context) => {
    const parent = parentOf(options, context);
    return trace.wrapSpanContext({
      traceId: parent ? parent.traceId : ids.traceId(),
      spanId: ids.spanId(),
      traceFlags: parent ? parent.traceFlags & TraceFlags.SAMPLED : TraceFlags.NONE,
      traceState: parent?.traceState,
    });
  });
  return { getTracer: () => tracer };
}

/** A tracer whose spans `start` makes. */
export function createTracer(
  start: (name: string, options: SpanOptions | undefined, context: Context) => Span,
): Tracer {
  return {
    startSpan: (name, options, context = contextApi.active()) => start(name, options, context),
    startActiveSpan(name: string, ...rest: unknown[]) {
      // Options and context may be left out; the function comes last.
      const work = rest.pop() as (span: Span) => never;
      const [options, context = contextApi.active()] = rest as [SpanOptions?, Context?];
      const span = start(name, options, context);
      return contextApi.with(trace.setSpan(context, span), work, undefined, span);
    },
  };
}
