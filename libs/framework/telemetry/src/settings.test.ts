import { readSettings, type Environment } from '@org/config';
import { describe, expect, test } from 'vitest';
import { sendsSpans, telemetrySettings } from './settings.ts';

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

test.each([
  ['OTEL_TRACES_EXPORTER', 'jaeger'],
  ['OTEL_TRACES_EXPORTER', 'otlp,'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:hunter2@collector:4318'],
  ['OTEL_LOG_LEVEL', 'loud'],
  ['OTEL_SDK_DISABLED', 'maybe'],
])('%s=%s is a fault', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(name);
});
