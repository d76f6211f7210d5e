import type { TextMapPropagator } from '@opentelemetry/api';
import type { TelemetrySettings } from './settings.ts';

/** Makes the propagator that `OTEL_PROPAGATORS` names. Nobody's headers make it throw. */
export async function createPropagator({ propagators }: TelemetrySettings): Promise<TextMapPropagator> {
  const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = await import('@opentelemetry/core');
  const made: TextMapPropagator[] = [];
  for (const name of new Set(propagators)) {
    if (name === 'tracecontext') made.push(new W3CTraceContextPropagator());
    if (name === 'baggage') made.push(new W3CBaggagePropagator());
    if (name === 'b3' || name === 'b3multi') {
      const { B3InjectEncoding, B3Propagator } = await import('@opentelemetry/propagator-b3');
      const injectEncoding = name === 'b3' ? B3InjectEncoding.SINGLE_HEADER : B3InjectEncoding.MULTI_HEADER;
      made.push(new B3Propagator({ injectEncoding }));
    }
  }
  return new CompositePropagator({ propagators: made });
}
