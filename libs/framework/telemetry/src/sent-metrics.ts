import type { MeasuringOptions } from '@org/metrics';
import type { Logger } from '@org/logging';
import { loadMetricExporter } from './metric-exporter.ts';
import { watchOutage } from './outage.ts';
import type { TelemetrySettings } from './settings.ts';

/** Loads what it takes to send metrics, and gives a function that makes it out of `process.env`. */
export async function loadSentMetrics(
  settings: TelemetrySettings,
  logger: Logger,
): Promise<() => NonNullable<MeasuringOptions['sending']>> {
  const makeExporter = await loadMetricExporter(settings);
  return () => {
    const exporter = makeExporter();
    const outage = watchOutage(logger, 'metrics');
    return {
      exporter: {
        export: outage.watch(exporter.export.bind(exporter), () => 1),
        forceFlush: () => exporter.forceFlush(),
        shutdown: () => exporter.shutdown(),
      },
      intervalMs: settings.metricIntervalMs,
      timeoutMs: settings.metricTimeoutMs,
    };
  };
}
