import { currentCall } from '@org/context';
import { INVALID_TRACEID, trace } from '@opentelemetry/api';
import type { Fields } from './record.ts';

/** The fields that all lines of a logger carry, and which trace, span and request the running code works for. */
export function lineContext(bound: Fields | undefined): Fields {
  const span = trace.getActiveSpan()?.spanContext();
  const call = currentCall();
  if (!span && !call) return bound ?? {};
  const found: Record<string, unknown> = { ...bound };
  if (span && span.traceId !== INVALID_TRACEID) {
    found.trace_id = span.traceId;
    found.span_id = span.spanId;
  }
  if (call) found.request_id = call.requestId;
  return found;
}
