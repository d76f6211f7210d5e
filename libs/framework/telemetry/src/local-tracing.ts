import { SamplingDecision, TraceFlags, trace, type Context } from '@opentelemetry/api';

/**
 * What a tracer does when spans are sent nowhere: each call still gets a trace of its own or goes on with its caller's,
 * so that logs correlate and `traceparent` goes out, while nothing is recorded. A caller that samples is not
 * contradicted: those further on may well send their spans.
 *
 * @see https://www.w3.org/TR/trace-context/#sampled-flag
 */
export const localSampler = {
  shouldSample(context: Context) {
    const flags = trace.getSpanContext(context)?.traceFlags ?? TraceFlags.NONE;
    const sampled = (flags & TraceFlags.SAMPLED) !== 0;
    return { decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  },
  toString: () => 'localSampler',
};

/** Takes spans and forgets them: without a processor, the SDK makes no tracer that hands out ids. */
export const forgetSpans = {
  onStart() {},
  onEnd() {},
  async forceFlush() {},
  async shutdown() {},
};
