import type { Attributes, HrTime, MetricOptions } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { createSeries, type Series } from './series.ts';

/** An instrument that is recorded into at once, and what it gives when somebody collects. */
export interface RecordedMetric {
  readonly record: (value: number, attributes?: Attributes) => void;
  readonly collect: () => MetricData | undefined;
}

/** What grows, or what has a value. */
export function createNumber(
  name: string,
  options: MetricOptions,
  kind: 'counter' | 'upDownCounter' | 'gauge',
): RecordedMetric {
  const series = createSeries(() => ({ value: 0 }));
  const data = describe(name, options, series, ({ value }) => value);
  return {
    record(value, attributes) {
      if (!Number.isFinite(value) || (kind === 'counter' && value < 0)) return;
      const cell = series.cell(attributes);
      cell.value = kind === 'gauge' ? value : cell.value + value;
    },
    collect: () =>
      kind === 'gauge'
        ? data((common) => ({ ...common, dataPointType: DataPointType.GAUGE }))
        : data((common) => ({ ...common, dataPointType: DataPointType.SUM, isMonotonic: kind === 'counter' })),
  };
}

/** @see https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation */
const defaultBoundaries = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

/** What is distributed, in buckets. */
export function createHistogram(name: string, options: MetricOptions): RecordedMetric {
  const boundaries = options.advice?.explicitBucketBoundaries ?? defaultBoundaries;
  const series = createSeries(() => ({
    counts: new Array<number>(boundaries.length + 1).fill(0),
    count: 0,
    sum: 0,
    min: Infinity,
    max: -Infinity,
  }));
  const data = describe(name, options, series, ({ counts, ...rest }) => ({
    ...rest,
    buckets: { boundaries, counts: [...counts] },
  }));
  return {
    record(value, attributes) {
      if (!(value >= 0 && value < Infinity)) return;
      const cell = series.cell(attributes);
      let bucket = 0;
      // A boundary belongs to the bucket below it. There are few, and most values are found early.
      while (bucket < boundaries.length && value > (boundaries[bucket] as number)) bucket += 1;
      (cell.counts[bucket] as number) += 1;
      cell.count += 1;
      cell.sum += value;
      if (value < cell.min) cell.min = value;
      if (value > cell.max) cell.max = value;
    },
    collect: () => data((common) => ({ ...common, dataPointType: DataPointType.HISTOGRAM })),
  };
}

/** Gives a function that adds to what a metric's kind says what all have in common: who it is, and its points. */
function describe<Cell, Value>(
  name: string,
  { description = '', unit = '', valueType = 1 }: MetricOptions,
  series: Series<Cell>,
  valueOf: (cell: Cell) => Value,
) {
  const startTime = now();
  const descriptor = { name, description, unit, valueType };
  return <Data extends MetricData>(
    complete: (common: {
      descriptor: typeof descriptor;
      aggregationTemporality: AggregationTemporality;
      dataPoints: { startTime: HrTime; endTime: HrTime; attributes: Attributes; value: Value }[];
    }) => Data,
  ): Data | undefined => {
    const endTime = now();
    const dataPoints = Array.from(series.entries(), ([attributes, cell]) => {
      return { startTime, endTime, attributes, value: valueOf(cell) };
    });
    if (dataPoints.length === 0) return undefined;
    return complete({ descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE, dataPoints });
  };
}

function now(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1_000), (ms % 1_000) * 1e6];
}
