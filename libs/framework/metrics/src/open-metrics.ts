import { diag, type MeterProvider } from '@opentelemetry/api';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';

const collectionTimeoutMs = 5_000;

export interface MeasuringOptions {
  /** Who measures, for `target_info` and for what is sent. Default: the SDK's. */
  readonly resource?: ResourceMetrics['resource'];
  /** Where metrics are sent, besides being exposed. */
  readonly sending?: {
    readonly exporter: PushMetricExporter;
    readonly intervalMs: number;
    readonly timeoutMs: number;
  };
}

/** Where instruments come from, while measuring goes on. */
export interface Measuring {
  readonly provider: MeterProvider;
  /** Sends what was measured so far. */
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** The metrics of one service, to be read by Prometheus. */
export interface Metrics {
  /** Begins to measure; telemetry does it, once. Only then is there something to expose. */
  measure(options?: MeasuringOptions): Measuring;
  /** The media type of what `expose` gives. */
  readonly contentType: string;
  /**
   * All metrics as text; a comment while telemetry is off. What an observer cannot tell within 5 s is left out.
   *
   * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
   */
  expose(): Promise<string>;
}

/** Opens the exposition of metrics. It holds nothing that must be closed: `measure` gives what does. */
export async function openMetrics(): Promise<Metrics> {
  const { PrometheusExporter, PrometheusSerializer } = await import('@opentelemetry/exporter-prometheus');
  const { MeterProvider, PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const { createRecorder } = await import('./recorder.ts');
  const { withPrometheusName } = await import('./prometheus-names.ts');
  const recorder = createRecorder();
  const metricProducers = [recorder.producer];
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers });
  // Without scope labels, and with `target_info` for what telemetry says about the service.
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    measure({ resource, sending } = {}) {
      const sender =
        sending &&
        new PeriodicExportingMetricReader({
          exporter: sending.exporter,
          exportIntervalMillis: sending.intervalMs,
          exportTimeoutMillis: Math.min(sending.timeoutMs, sending.intervalMs),
          metricProducers,
        });
      const provider = new MeterProvider({
        ...(resource && { resource }),
        readers: [reader, ...(sender ? [sender] : [])],
      });
      return {
        provider: recorder.front(provider),
        flush: async () => sender?.forceFlush(),
        shutdown: () => provider.shutdown(),
      };
    },
    async expose() {
      const collected = await reader.collect({ timeoutMillis: collectionTimeoutMs }).catch(() => undefined);
      if (!collected) return '# telemetry is off\n';
      const { resourceMetrics, errors } = collected;
      for (const error of errors) diag.warn('A metric could not be observed', error);
      const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
        scope,
        metrics: metrics.map(withPrometheusName),
      }));
      return `${serializer.serialize({ ...resourceMetrics, scopeMetrics }).trimEnd()}\n`;
    },
  };
}
