import { diag, type Meter, type MeterProvider, type MetricOptions } from '@opentelemetry/api';
import type { MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createHistogram, createNumber, type RecordedMetric } from './recorded-metric.ts';

/** Keeps what is recorded at once, and leaves what is observed to the SDK. */
export interface Recorder {
  /** Where readers find what was recorded. */
  readonly producer: MetricProducer;
  /** Puts the instruments of this library in front of the SDK's. */
  front(provider: MeterProvider): MeterProvider;
}

/**
 * Makes counters, gauges and histograms that cost a fraction of the SDK's, which looks each measurement up by sorting its
 * attributes and writing them as JSON; and whose number of series is limited for as long as the process runs.
 */
export function createRecorder(): Recorder {
  const scopes = new Map<string, { scope: { name: string; version: string }; metrics: Map<string, Recorded> }>();

  const metricsOf = (name: string, version = '') => {
    const key = `${name}@${version}`;
    const known = scopes.get(key) ?? { scope: { name, version }, metrics: new Map<string, Recorded>() };
    scopes.set(key, known);
    return known.metrics;
  };
  const front = (meter: Meter, metrics: Map<string, Recorded>): Meter => {
    const recorded = (kind: Kind, name: string, options: MetricOptions = {}) => {
      const known = metrics.get(name);
      if (known?.kind === kind) return known.metric;
      if (known) diag.warn(`The metric ${name} is a ${known.kind} already; as a ${kind} it is not shown`);
      const metric = kind === 'histogram' ? createHistogram(name, options) : createNumber(name, options, kind);
      if (!known) metrics.set(name, { kind, metric });
      return metric;
    };
    return {
      createCounter: (name, options) => ({ add: recorded('counter', name, options).record }),
      createUpDownCounter: (name, options) => ({ add: recorded('upDownCounter', name, options).record }),
      createGauge: (name, options) => ({ record: recorded('gauge', name, options).record }),
      createHistogram: (name, options) => ({ record: recorded('histogram', name, options).record }),
      createObservableCounter: (name, options) => meter.createObservableCounter(name, options),
      createObservableUpDownCounter: (name, options) => meter.createObservableUpDownCounter(name, options),
      createObservableGauge: (name, options) => meter.createObservableGauge(name, options),
      addBatchObservableCallback: (callback, observed) => meter.addBatchObservableCallback(callback, observed),
      removeBatchObservableCallback: (callback, observed) => meter.removeBatchObservableCallback(callback, observed),
    };
  };

  return {
    front: (provider) => ({
      getMeter: (name, version, options) => front(provider.getMeter(name, version, options), metricsOf(name, version)),
    }),
    producer: {
      async collect() {
        const scopeMetrics = [...scopes.values()].map(({ scope, metrics }) => ({
          scope,
          metrics: [...metrics.values()].flatMap(({ metric }) => metric.collect() ?? []),
        }));
        // Readers take the resource from the SDK.
        const resource = {} as ResourceMetrics['resource'];
        return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
      },
    },
  };
}

type Kind = 'counter' | 'upDownCounter' | 'gauge' | 'histogram';

interface Recorded {
  readonly kind: Kind;
  readonly metric: RecordedMetric;
}
