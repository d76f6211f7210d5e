import { SpanKind, TraceFlags, trace, type TracerProvider } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { SamplingDecision, type IdGenerator, type Sampler, type SamplingResult } from '@opentelemetry/sdk-trace';
import type { Ids } from './ids.ts';
import { createTracer, parentOf } from './unrecorded-spans.ts';

/** A sampler that decides before the SDK sets to work, so that a span which is not recorded costs next to nothing. */
export interface EarlySampling {
  /** What the SDK is made with: it takes over what was decided. */
  readonly sampler: Sampler;
  readonly idGenerator: IdGenerator;
  /** Puts the decision in front of the SDK's provider. */
  wrap(provider: TracerProvider): TracerProvider;
}

export function sampleEarly(sampler: Sampler, ids: Ids): EarlySampling {
  // What was decided about the span that the SDK makes next; it does so at once.
  let decided: SamplingResult = { decision: SamplingDecision.NOT_RECORD };
  let traceId = '';

  return {
    sampler: { shouldSample: () => decided, toString: () => sampler.toString() },
    idGenerator: { generateTraceId: () => traceId, generateSpanId: () => ids.spanId() },
    wrap: (provider) => ({
      getTracer(...scope) {
        const tracer = provider.getTracer(...scope);
        return createTracer((name, options, context) => {
          // The sending itself is not traced, and the SDK sees to that.
          if (isTracingSuppressed(context)) return tracer.startSpan(name, options, context);
          const parent = parentOf(options, context);
          traceId = parent ? parent.traceId : ids.traceId();
          const { kind = SpanKind.INTERNAL, attributes = {}, links = [] } = options ?? {};
          const seen = options?.root ? trace.deleteSpan(context) : context;
          decided = sampler.shouldSample(seen, traceId, name, kind, attributes, links);
          if (decided.decision !== SamplingDecision.NOT_RECORD) return tracer.startSpan(name, options, context);
          const traceState = decided.traceState ?? parent?.traceState;
          return trace.wrapSpanContext({ traceId, spanId: ids.spanId(), traceFlags: TraceFlags.NONE, traceState });
        });
      },
    }),
  };
}
