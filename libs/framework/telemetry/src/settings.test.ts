import { readSettings, type Environment } from '@org/config';
import { describe, expect, test } from 'vitest';
import { sdkVariables, sendsMetrics, sendsSpans, telemetrySettings } from './settings.ts';

function read(environment: Environment) {
  const { settings } = readSettings({ telemetry: telemetrySettings }, { environment, service: 'orders', schemes: [] });
  return settings.telemetry!;
}

describe('spans are sent', () => {
  test.each([
    ['nothing is set', {}, false],
    ['there is an endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    ['there is one for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
    ['there is one for metrics alone', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318' }, false],
    ['an exporter is named', { OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ['several are', { OTEL_TRACES_EXPORTER: 'OTLP, console' }, true],
    [
      'there is an endpoint, but no exporter is wanted',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_EXPORTER: 'None' },
      false,
    ],
  ])('when %s: %o gives %o', (_, environment, expected) => {
    expect(sendsSpans(read(environment))).toBe(expected);
  });
});

describe('metrics are sent', () => {
  test.each([
    ['nothing is set', {}, false],
    ['there is an endpoint for all', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
    ['there is one for metrics', { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318' }, true],
    ['the exporter is named', { OTEL_METRICS_EXPORTER: 'prometheus, OTLP' }, true],
    ['another is', { OTEL_METRICS_EXPORTER: 'prometheus' }, false],
    ['none is wanted', { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c' }, false],
  ])('when %s: %o gives %o', (_, environment, expected) => {
    expect(sendsMetrics(read(environment))).toBe(expected);
  });
});

test.each([
  ['OTEL_TRACES_EXPORTER', 'jaeger'],
  ['OTEL_TRACES_EXPORTER', 'zipkin'],
  ['OTEL_TRACES_EXPORTER', 'otlp,'],
  ['OTEL_TRACES_EXPORTER', 'otlp,none'],
  ['OTEL_METRICS_EXPORTER', 'none,otlp'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:hunter2@collector:4318'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'hunter2'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'key=hunter2,,'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
  ['OTEL_TRACES_SAMPLER_ARG', '-0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.01'],
  ['OTEL_TRACES_SAMPLER_ARG', '.'],
  ['OTEL_TRACES_SAMPLER_ARG', '1e-3'],
  ['OTEL_PROPAGATORS', 'ottrace'],
  ['OTEL_PROPAGATORS', 'tracecontext,none'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'many'],
  ['OTEL_METRIC_EXPORT_TIMEOUT', '0'],
  ['OTEL_LOG_LEVEL', 'loud'],
  ['OTEL_SDK_DISABLED', 'maybe'],
])('%s=%s is a fault, which does not repeat it', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(name);
  expect(() => read({ [name]: value })).not.toThrow('hunter2');
});

test.each(['0', '1', '0.1', '.5', '1.0', '0.0'])('OTEL_TRACES_SAMPLER_ARG=%s is taken', (value) => {
  expect(Number(read({ OTEL_TRACES_SAMPLER_ARG: value }).samplerRatio)).toBe(Number(value));
});

test('forms of metrics that are not made are a fault where metrics are sent, and nowhere else', () => {
  const forms = {
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
  };
  expect(() => read(forms)).not.toThrow();
  for (const name of Object.keys(forms)) expect(() => read({ ...forms, OTEL_METRICS_EXPORTER: 'otlp' })).toThrow(name);
});

test('the SDK sees what was read, headers included, which nobody else prints', () => {
  const settings = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_EXPORTER_OTLP_HEADERS: 'key=hunter2' });
  expect(JSON.stringify(settings)).not.toContain('hunter2');
  expect(sdkVariables(settings)).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'key=hunter2',
  });
});
