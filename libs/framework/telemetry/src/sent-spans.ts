import type { MeterProvider, TracerProvider as Provider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '@org/logging';
import { createIds } from './ids.ts';
import { watchOutage } from './outage.ts';
import { sampleEarly } from './sample-early.ts';
import { createSampler } from './sampler.ts';
import type { TelemetrySettings } from './settings.ts';
import { loadSpanExporters } from './span-exporters.ts';
import { readSpanLimits } from './span-limits.ts';

/** Spans that leave the process. */
export interface SentSpans {
  readonly provider: Provider;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /** How many spans could not be sent. */
  readonly lost: () => number;
}

/** Loads what it takes to send spans, and gives a function that starts it out of `process.env`. */
export async function loadSentSpans(
  settings: TelemetrySettings,
  logger: Logger,
): Promise<(resource: Resource, meterProvider: MeterProvider) => SentSpans> {
  const makeExporters = await loadSpanExporters(settings);
  return (resource, meterProvider) => {
    const outage = watchOutage(logger, 'spans');
    const processor = (exporter: SpanExporter): SpanProcessor => {
      if (exporter instanceof ConsoleSpanExporter) return new SimpleSpanProcessor({ exporter });
      return new BatchSpanProcessor({
        exporter: {
          export: outage.watch(exporter.export.bind(exporter), (spans) => spans.length),
          shutdown: () => exporter.shutdown(),
        },
        maxQueueSize: settings.queueSize,
        maxExportBatchSize: Math.min(settings.batchSize, settings.queueSize),
        scheduledDelayMillis: settings.batchDelayMs,
        exportTimeoutMillis: settings.batchTimeoutMs,
        selfObsMeterProvider: meterProvider,
      });
    };
    const ids = createIds();
    const sampling = sampleEarly(createSampler(settings), ids);
    const provider = new TracerProvider({
      resource,
      sampler: sampling.sampler,
      idGenerator: sampling.idGenerator,
      spanLimits: readSpanLimits(),
      spanProcessors: makeExporters().map(processor),
    });
    return {
      provider: sampling.wrap(provider),
      flush: () => provider.forceFlush(),
      shutdown: () => provider.shutdown(),
      lost: outage.lost,
    };
  };
}
