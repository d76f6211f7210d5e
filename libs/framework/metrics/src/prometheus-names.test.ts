import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { withPrometheusName } from './prometheus-names.ts';

function named(name: string, unit: string, type: 'counter' | 'sum' | 'gauge' | 'histogram'): string {
  const common = {
    descriptor: { name, unit, description: '', valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [],
  };
  const metric: Record<typeof type, MetricData> = {
    counter: { ...common, dataPointType: DataPointType.SUM, isMonotonic: true },
    sum: { ...common, dataPointType: DataPointType.SUM, isMonotonic: false },
    gauge: { ...common, dataPointType: DataPointType.GAUGE },
    histogram: { ...common, dataPointType: DataPointType.HISTOGRAM },
  };
  const { descriptor } = withPrometheusName(metric[type]);
  expect(descriptor.unit).toBe('');
  return descriptor.name;
}

// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
test.each([
  ['http.server.request.duration', 's', 'histogram', 'http.server.request.duration_seconds'],
  ['process.cpu.time', 's', 'counter', 'process.cpu.time_seconds'],
  ['process.memory.usage', 'By', 'sum', 'process.memory.usage_bytes'],
  ['nodejs.eventloop.utilization', '1', 'gauge', 'nodejs.eventloop.utilization_ratio'],
  ['things', '1', 'counter', 'things'],
  ['things', '1', 'sum', 'things'],
  ['things', '', 'gauge', 'things'],
  ['lines', '{line}', 'counter', 'lines'],
  ['speed', 'By/s', 'gauge', 'speed_bytes_per_second'],
  ['rate', '{request}/s', 'gauge', 'rate_per_second'],
  ['speed', 'm/h', 'gauge', 'speed_meters_per_hour'],
  ['battery', '%', 'gauge', 'battery_percent'],
  ['price', 'CHF', 'gauge', 'price_CHF'],
  ['odd', 'a*b^2', 'gauge', 'odd_a_b_2'],
  ['process_start_time_seconds', 's', 'gauge', 'process_start_time_seconds'],
  ['wait_seconds_total', 's', 'counter', 'wait_seconds'],
  ['wait.total', 's', 'counter', 'wait.total_seconds'],
  ['a_total', 's', 'gauge', 'a_total_seconds'],
  ['file_descriptor.count', '{file_descriptor}', 'sum', 'file_descriptors'],
  ['request.count', '{request}', 'histogram', 'request.count'],
] as const)('%s in %s, a %s, is %s', (name, unit, type, expected) => {
  expect(named(name, unit, type)).toBe(expected);
});
