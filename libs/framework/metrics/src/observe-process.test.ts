import { closeSync, openSync } from 'node:fs';
import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { observeProcess } from './observe-process.ts';
import { openMetrics, type Metrics } from './open-metrics.ts';

let exposition: Metrics;
let provider: MeterProvider;

beforeEach(async () => {
  exposition = await openMetrics();
  provider = new MeterProvider({ readers: [exposition.reader] });
  metrics.setGlobalMeterProvider(provider);
});

afterEach(async () => {
  metrics.disable();
  await provider.shutdown();
});

/** The values of the metrics by what stands before them. */
async function values(): Promise<Map<string, number>> {
  const lines = (await exposition.expose()).split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
}

test('the process is measured', async () => {
  using _ = await observeProcess();
  const measured = await values();
  expect(measured.get('process_cpu_time_total{cpu_mode="user"}')).toBeGreaterThan(0);
  expect(measured.get('process_cpu_time_total{cpu_mode="system"}')).toBeGreaterThanOrEqual(0);
  expect(measured.get('process_memory_usage')).toBeGreaterThan(10_000_000);
  expect(measured.get('process_uptime')).toBeGreaterThan(0);
  const startedAt = Date.now() / 1_000 - process.uptime();
  expect(measured.get('process_start_time_seconds')).toBeCloseTo(startedAt, 0);
});

test.runIf(process.platform === 'linux')('open file descriptors are counted', async () => {
  using _ = await observeProcess();
  const count = async () => (await values()).get('process_unix_file_descriptor_count') ?? Number.NaN;
  const before = await count();
  const opened = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
  expect(await count()).toBe(before + 20);
  for (const descriptor of opened) closeSync(descriptor);
});

test('so are the event loop, the heap and garbage collection', async () => {
  using _ = await observeProcess();
  const names = [...(await values()).keys()].join('\n');
  expect(names).toContain('nodejs_eventloop_utilization');
  expect(names).toContain('nodejs_eventloop_time_total{nodejs_eventloop_state="active"}');
  expect(names).toContain('v8js_memory_heap_used{v8js_heap_space_name="old_space"}');
});

test('every metric has a description', async () => {
  using _ = await observeProcess();
  expect(await exposition.expose()).not.toContain('description missing');
});

test('after disposal nothing of it is measured any more', async () => {
  const observing = await observeProcess();
  const last = await values();
  observing[Symbol.dispose]();
  observing[Symbol.dispose]();
  // The SDK goes on to show the last value of what nobody observes.
  const later = await values();
  for (const name of ['process_uptime', 'nodejs_eventloop_time_total{nodejs_eventloop_state="active"}']) {
    expect(last.get(name)).toBeGreaterThan(0);
    expect(later.get(name)).toBe(last.get(name));
  }
});
