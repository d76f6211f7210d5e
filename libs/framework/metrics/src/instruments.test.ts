import { metrics } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInstruments } from './instruments.ts';
import { openMetrics, type Measuring, type Metrics } from './open-metrics.ts';

let exposition: Metrics;
let measuring: Measuring;

beforeEach(async () => {
  exposition = await openMetrics();
  measuring = exposition.measure();
  metrics.setGlobalMeterProvider(measuring.provider);
});

afterEach(async () => {
  metrics.disable();
  await measuring.shutdown();
});

describe('instruments', () => {
  test('of each kind are shown with their descriptions', async () => {
    const instruments = createInstruments('@org/test');
    instruments.counter('orders', { description: 'Orders placed.' }).add(2, { country: 'CH' });
    instruments.upDownCounter('in.flight', { description: 'Orders in flight.' }).add(3);
    instruments.gauge('lag', { description: 'Lag.', unit: 's' }).record(1.5);
    instruments.observableGauge('fill', { description: 'Fill.' }).addCallback((result) => result.observe(0.5));
    instruments.observableCounter('lines', { description: 'Lines.' }).addCallback((result) => result.observe(7));
    instruments.observableUpDownCounter('open', { description: 'Open.' }).addCallback((result) => result.observe(1));
    const text = await exposition.expose();
    for (const line of [
      '# HELP orders_total Orders placed.',
      '# TYPE orders_total counter',
      'orders_total{country="CH"} 2',
      '# TYPE in_flight gauge',
      'in_flight 3',
      'lag_seconds 1.5',
      'fill 0.5',
      'lines_total 7',
      'open 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toContain('otel_scope');
  });

  test('without a description are refused', () => {
    const instruments = createInstruments('@org/test');
    const kinds = Object.keys(instruments) as (keyof typeof instruments)[];
    expect(kinds).toHaveLength(7);
    for (const kind of kinds) expect(() => instruments[kind]('orders', { description: '' })).toThrow(TypeError);
  });
});

describe('the buckets of a histogram', () => {
  async function buckets(name: string): Promise<string[]> {
    const text = await exposition.expose();
    return [...text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\}`, 'gm'))].map((match) => match[1] as string);
  }

  test('of seconds reach from 5 ms to 10 s', async () => {
    createInstruments('@org/test').histogram('duration', { description: 'Duration.', unit: 's' }).record(0.3);
    const expected = '0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 +Inf';
    expect((await buckets('duration_seconds')).join(' ')).toBe(expected);
  });

  test('are those that are asked for', async () => {
    const instruments = createInstruments('@org/test');
    instruments.histogram('size', { description: 'Size.', unit: 'By', buckets: [1, 1024] }).record(10);
    expect(await buckets('size_bytes')).toEqual(['1', '1024', '+Inf']);
  });
});
