import { diag } from '@opentelemetry/api';
import type { PrometheusExporter } from '@opentelemetry/exporter-prometheus';

const collectionTimeoutMs = 5_000;

/** The metrics of one service, to be read by Prometheus. */
export interface Metrics {
  /** Collects for `expose`: telemetry gives it to the SDK, once. */
  readonly reader: PrometheusExporter;
  /** The media type of what `expose` gives. */
  readonly contentType: string;
  /**
   * All metrics as text; a comment while telemetry is off. What an observer cannot tell within 5 s is left out.
   *
   * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
   */
  expose(): Promise<string>;
}

/** Opens the exposition of metrics. It holds nothing that must be closed: the SDK shuts the reader down. */
export async function openMetrics(): Promise<Metrics> {
  const { PrometheusExporter, PrometheusSerializer } = await import('@opentelemetry/exporter-prometheus');
  const reader = new PrometheusExporter({ preventServerStart: true });
  // Without scope labels, and with `target_info` for what telemetry says about the service.
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  return {
    reader,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    async expose() {
      const collected = await reader.collect({ timeoutMillis: collectionTimeoutMs }).catch(() => undefined);
      if (!collected) return '# telemetry is off\n';
      for (const error of collected.errors) diag.warn('A metric could not be observed', error);
      return `${serializer.serialize(collected.resourceMetrics).trimEnd()}\n`;
    },
  };
}
