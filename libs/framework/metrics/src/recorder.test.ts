import { DiagLogLevel, diag, type Attributes } from '@opentelemetry/api';
import { MeterProvider, MetricReader, type CollectionResult } from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openMetrics } from './open-metrics.ts';
import { createRecorder } from './recorder.ts';

/** A counter, a histogram and so on, and what is exposed of them. */
async function open() {
  const exposition = await openMetrics();
  const measuring = exposition.measure();
  const lines = async () =>
    (await exposition.expose()).split('\n').filter((line) => !line.startsWith('#') && !line.startsWith('target_info'));
  return { meter: measuring.provider.getMeter('test'), provider: measuring.provider, exposition, measuring, lines };
}

afterEach(() => diag.disable());

describe('the combinations of attributes of an instrument', () => {
  test('are limited for as long as the process runs, however often somebody collects', async () => {
    const { meter, lines } = await open();
    const counter = meter.createCounter('orders');
    for (let round = 0; round < 5; round += 1) {
      for (let id = 0; id < 1_000; id += 1) counter.add(1, { id: `${round}-${id}` });
      expect((await lines()).length).toBeLessThanOrEqual(2_001);
    }
    const shown = await lines();
    expect(shown).toContain('orders_total{otel_metric_overflow="true"} 3001');
    expect(shown.filter((line) => line.startsWith('orders_total'))).toHaveLength(2_000);
    // Those that were there before are counted on.
    counter.add(1, { id: '0-0' });
    expect(await lines()).toContain('orders_total{id="0-0"} 2');
  });

  test('are told apart by their values, not by the order of their names', async () => {
    const { meter, lines } = await open();
    const counter = meter.createCounter('orders');
    counter.add(1, { a: '1', b: '2' });
    counter.add(1, { b: '2', a: '1' });
    counter.add(1, { a: '2', b: '1' });
    counter.add(1, { a: 1, b: 2 });
    counter.add(1);
    counter.add(1, {});
    expect(await lines()).toEqual([
      'orders_total{a="1",b="2"} 2',
      'orders_total{a="2",b="1"} 1',
      'orders_total{a="1",b="2"} 1',
      'orders_total 2',
      '',
    ]);
  });

  test('are those of the moment, also when one object is filled anew', async () => {
    const { meter, lines } = await open();
    const counter = meter.createCounter('orders');
    const attributes: Attributes = { country: 'CH' };
    counter.add(1, attributes);
    attributes.country = 'DE';
    counter.add(1, attributes);
    const frozen = Object.freeze({ country: 'CH' });
    for (let time = 0; time < 3; time += 1) counter.add(1, frozen);
    expect(await lines()).toEqual(['orders_total{country="CH"} 4', 'orders_total{country="DE"} 1', '']);
  });
});

describe('what is recorded', () => {
  test('is what the SDK itself would have made of it', async () => {
    const recorder = createRecorder();
    const reader = new OnDemandReader();
    const sdk = new MeterProvider({ readers: [reader] });
    for (const meter of [recorder.front(new MeterProvider()).getMeter('test'), sdk.getMeter('test')]) {
      const advice = { explicitBucketBoundaries: [0, 1, 2.5, 10] };
      const recording = [
        meter.createHistogram('size', { unit: 'By', description: 'Size.', advice }),
        meter.createHistogram('other'),
        meter.createGauge('now'),
      ];
      const adding = [meter.createCounter('count'), meter.createUpDownCounter('level')];
      for (const [value, key] of values()) {
        for (const instrument of recording) instrument.record(value, { key });
        for (const instrument of adding) instrument.add(value, { key });
      }
    }
    const [ours, theirs] = await Promise.all([recorder.producer.collect(), reader.collect()]);
    expect(pointsOf(ours)).toEqual(pointsOf(theirs));
    expect(pointsOf(ours).length).toBe(10);
  });

  test.each([NaN, Infinity, -Infinity])('is no %s', async (value) => {
    const { meter, lines } = await open();
    meter.createCounter('count').add(value);
    meter.createUpDownCounter('level').add(value);
    meter.createGauge('now').record(value);
    meter.createHistogram('size').record(value);
    expect(await lines()).toEqual(['']);
  });

  test('goes to one instrument, whoever asks for it again', async () => {
    const { provider, lines } = await open();
    provider.getMeter('test').createCounter('orders').add(1);
    provider.getMeter('test').createCounter('orders').add(1);
    expect(await lines()).toContain('orders_total 2');
  });

  test('under a name that is another kind already is not shown, and said', async () => {
    const { meter, lines } = await open();
    const warn = vi.fn();
    const silent = () => {};
    diag.setLogger({ error: silent, warn, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
    meter.createCounter('orders').add(1);
    meter.createHistogram('orders').record(1);
    expect(await lines()).toEqual(['orders_total 1', '']);
    expect(warn).toHaveBeenCalledWith('The metric orders is a counter already; as a histogram it is not shown');
  });
});

/** Values on, below and above all boundaries, negative ones included, for two series. */
function values(): [number, string][] {
  const numbers = [-5, -0.1, 0, 0.5, 1, 1.0001, 2.5, 3, 10, 10.5, 4_999, 5_000, 20_000];
  return numbers.flatMap((value, index): [number, string][] => [
    [value, 'a'],
    [value * 1.1, index % 2 === 0 ? 'a' : 'b'],
  ]);
}

function pointsOf({ resourceMetrics }: CollectionResult) {
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const points = metrics.flatMap(({ descriptor, dataPoints, dataPointType, aggregationTemporality }) => {
    const { name, unit, description } = descriptor;
    return dataPoints.map(({ attributes, value }) => {
      return { name, unit, description, dataPointType, aggregationTemporality, attributes, value };
    });
  });
  return points.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
