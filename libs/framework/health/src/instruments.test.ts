import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader, type MetricData } from '@opentelemetry/sdk-metrics';
import { collectLogger } from '@org/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHealth } from './health.ts';

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

let reader: OnDemandReader;
let provider: MeterProvider;

beforeEach(() => {
  reader = new OnDemandReader();
  provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
});
afterEach(async () => {
  metrics.disable();
  await provider.shutdown();
});

async function collect(name: string): Promise<MetricData | undefined> {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics
    .filter(({ scope }) => scope.name === '@org/health')
    .flatMap((scope) => scope.metrics)
    .find(({ descriptor }) => descriptor.name === name);
}

const settings = { timeoutMs: 900, cacheMs: 0, stallMs: 10_000 };

test('each check has its last status, and its durations in seconds', async () => {
  await using health = createHealth(settings, { logger: collectLogger() });
  let down = false;
  health.add({ name: 'database', kind: 'datastore', check: async () => undefined });
  health.add({
    name: 'cache',
    critical: false,
    check: async () => {
      if (down) throw new Error('down');
    },
  });
  health.started();
  expect((await collect('service.health.check.status'))?.dataPoints ?? []).toEqual([]);

  await health.readiness();
  down = true;
  await health.readiness();
  const database = { 'check.name': 'database', 'check.kind': 'datastore', 'check.critical': true };
  const cache = { 'check.name': 'cache', 'check.critical': false };
  expect(await collect('service.health.check.status')).toMatchObject({
    descriptor: { description: expect.stringMatching(/\.$/) },
    dataPoints: [
      { attributes: database, value: 1 },
      { attributes: cache, value: 0 },
    ],
  });
  expect(await collect('service.health.check.duration')).toMatchObject({
    descriptor: { unit: 's', description: expect.stringMatching(/\.$/) },
    dataPoints: [
      { attributes: database, value: { count: 2, buckets: { boundaries: expect.arrayContaining([0.005, 10]) } } },
      { attributes: cache, value: { count: 2 } },
    ],
  });
});

test('nothing is observed any more after the disposal', async () => {
  const health = createHealth(settings, { logger: collectLogger() });
  health.add({ name: 'database', check: async () => undefined });
  health.started();
  await health.readiness();
  await health[Symbol.asyncDispose]();
  expect((await collect('service.health.check.status'))?.dataPoints ?? []).toEqual([]);
});
