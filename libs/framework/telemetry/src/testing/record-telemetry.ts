import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { createContextManager } from '@org/context';
import { openMetrics, type MeasuringOptions } from '@org/metrics';
import { unregisterGlobals } from '../globals.ts';

type MetricExporter = NonNullable<MeasuringOptions['sending']>['exporter'];
type Collected = Parameters<MetricExporter['export']>[0];

/** One metric, as it stands. */
export interface RecordedMetric {
  readonly unit: string;
  readonly description: string;
  /** The attributes of each series, and its `value`; that of a histogram is how often something was recorded. */
  readonly points: readonly Readonly<Record<string, unknown>>[];
}

/** What a test sees of traces and metrics. Disposing it takes it back from OpenTelemetry's API. */
export interface RecordedTelemetry extends AsyncDisposable {
  /** Those that have ended so far, in that order. */
  readonly spans: readonly ReadableSpan[];
  /** What was measured so far, by its name. */
  measure(): Promise<Readonly<Record<string, RecordedMetric | undefined>>>;
}

/**
 * Has whatever speaks to OpenTelemetry's API from now on traced and measured in memory, with calls and spans in one
 * context, and `traceparent` and `baggage` going in and out. It stands for the whole process, as telemetry does.
 *
 * @param options.sampled Whether a span is recorded. Default: `true`; else it has its ids alone.
 */
export async function recordTelemetry({ sampled = true }: { sampled?: boolean } = {}): Promise<RecordedTelemetry> {
  unregisterGlobals();
  const exporter = new InMemorySpanExporter();
  const tracing = new TracerProvider({
    sampler: sampled ? new AlwaysOnSampler() : new AlwaysOffSampler(),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  let collected: Collected | undefined;
  const keeping: MetricExporter = {
    export(measured, done) {
      collected = measured;
      done({ code: 0 });
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  // Only ever sent when it is asked for.
  const sending = { exporter: keeping, intervalMs: 2 ** 31 - 1, timeoutMs: 5_000 };
  const measuring = (await openMetrics()).measure({ sending });

  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  context.setGlobalContextManager(createContextManager());
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }));
  trace.setGlobalTracerProvider(tracing);
  metrics.setGlobalMeterProvider(measuring.provider);
  return {
    get spans() {
      return exporter.getFinishedSpans();
    },
    async measure() {
      await measuring.flush();
      const all = collected?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return Object.fromEntries(all.map((metric) => [metric.descriptor.name, recordedMetric(metric)]));
    },
    async [Symbol.asyncDispose]() {
      unregisterGlobals();
      await Promise.all([tracing.shutdown(), measuring.shutdown()]);
    },
  };
}

function recordedMetric({ descriptor, dataPoints }: Collected['scopeMetrics'][number]['metrics'][number]) {
  const { unit, description } = descriptor;
  const points = dataPoints.map(({ attributes, value }) => ({
    ...attributes,
    value: typeof value === 'number' ? value : value.count,
  }));
  return { unit, description, points };
}
