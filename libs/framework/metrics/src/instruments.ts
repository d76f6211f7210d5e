import {
  metrics,
  type Counter,
  type Gauge,
  type Histogram,
  type ObservableCounter,
  type ObservableGauge,
  type ObservableUpDownCounter,
  type UpDownCounter,
} from '@opentelemetry/api';

export interface InstrumentOptions {
  /** One sentence, which `/metrics` shows. */
  readonly description: string;
  /** In UCUM, as OpenTelemetry writes it: `s`, `By`, `1`, `{request}`. Default: none. */
  readonly unit?: string;
}

export interface HistogramOptions extends InstrumentOptions {
  /** The upper bounds of the buckets, ascending. Default for the unit `s`: from 5 ms to 10 s. */
  readonly buckets?: readonly number[];
}

/** Makes the instruments of one library. Ask for them after telemetry has started: before, they measure nothing. */
export interface Instruments {
  /** What only grows: requests, bytes sent. */
  counter(name: string, options: InstrumentOptions): Counter;
  /** What grows and shrinks, and adds up: requests in flight. */
  upDownCounter(name: string, options: InstrumentOptions): UpDownCounter;
  /** What is distributed: durations, sizes. */
  histogram(name: string, options: HistogramOptions): Histogram;
  /** What has a value now and does not add up: a temperature, a lag. */
  gauge(name: string, options: InstrumentOptions): Gauge;
  /** The same three, looked up by callbacks whenever somebody collects. Whoever adds a callback removes it again. */
  observableCounter(name: string, options: InstrumentOptions): ObservableCounter;
  observableUpDownCounter(name: string, options: InstrumentOptions): ObservableUpDownCounter;
  observableGauge(name: string, options: InstrumentOptions): ObservableGauge;
}

/**
 * The bounds of histograms of seconds.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Gives access to the instruments of one library, by the name of its package, on OpenTelemetry's global meter provider.
 *
 * @throws {TypeError} where an instrument is made without a description.
 */
export function createInstruments(name: string, version?: string): Instruments {
  const meter = metrics.getMeter(name, version);
  return {
    counter: (instrument, options) => meter.createCounter(instrument, described(instrument, options)),
    upDownCounter: (instrument, options) => meter.createUpDownCounter(instrument, described(instrument, options)),
    histogram(instrument, options) {
      const { buckets = options.unit === 's' ? secondsBuckets : undefined } = options;
      const advice = buckets && { explicitBucketBoundaries: [...buckets] };
      return meter.createHistogram(instrument, { ...described(instrument, options), ...(advice && { advice }) });
    },
    gauge: (instrument, options) => meter.createGauge(instrument, described(instrument, options)),
    observableCounter: (instrument, options) =>
      meter.createObservableCounter(instrument, described(instrument, options)),
    observableUpDownCounter: (instrument, options) =>
      meter.createObservableUpDownCounter(instrument, described(instrument, options)),
    observableGauge: (instrument, options) => meter.createObservableGauge(instrument, described(instrument, options)),
  };
}

function described(name: string, { description, unit }: InstrumentOptions): { description: string; unit?: string } {
  if (!description)
    throw new TypeError(`Expected \`description\` of the instrument \`${name}\` to be a sentence, got none`);
  return { description, ...(unit !== undefined && { unit }) };
}
