import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import { metrics } from '@opentelemetry/api';
import { waitFor } from '@org/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { observeProcess } from './observe-process.ts';
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

/** The values of the metrics by what stands before them. */
async function values(): Promise<Map<string, number>> {
  const lines = (await exposition.expose()).split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
}

test('the process is measured', async () => {
  using _ = await observeProcess();
  const measured = await values();
  expect(measured.get('process_cpu_time_seconds_total{cpu_mode="user"}')).toBeGreaterThan(0);
  expect(measured.get('process_cpu_time_seconds_total{cpu_mode="system"}')).toBeGreaterThanOrEqual(0);
  expect(measured.get('process_memory_usage_bytes')).toBeGreaterThan(10_000_000);
  expect(measured.get('process_uptime_seconds')).toBeGreaterThan(0);
  const startedAt = Date.now() / 1_000 - process.uptime();
  expect(measured.get('process_start_time_seconds')).toBeCloseTo(startedAt, 0);
});

test.runIf(process.platform === 'linux')('open file descriptors are counted', async () => {
  using _ = await observeProcess();
  const count = async () => (await values()).get('process_unix_file_descriptors') ?? Number.NaN;
  const before = await count();
  const opened = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
  expect(await count()).toBe(before + 20);
  for (const descriptor of opened) closeSync(descriptor);
});

test('so are the event loop, the heap and garbage collection', async () => {
  using _ = await observeProcess();
  const names = [...(await values()).keys()].join('\n');
  expect(names).toContain('nodejs_eventloop_utilization_ratio');
  expect(names).toContain('nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"}');
  expect(names).toContain('v8js_memory_heap_used_bytes{v8js_heap_space_name="old_space"}');
});

test('limits stand beside what they limit', async () => {
  using _ = await observeProcess();
  const measured = await values();
  const limitOf = (name: string) => measured.get(name) ?? Number.NaN;
  expect(limitOf('process_memory_limit_bytes')).toBeGreaterThan(limitOf('process_memory_usage_bytes'));
  expect(limitOf('process_unix_file_descriptor_limit')).toBeGreaterThan(limitOf('process_unix_file_descriptors'));
  expect(limitOf('v8js_memory_heap_size_limit_bytes')).toBe(getHeapStatistics().heap_size_limit);
});

test('a blocked event loop shows, and goes on showing to whoever asks next', async () => {
  using _ = await observeProcess();
  const maximum = async () => (await values()).get('nodejs_eventloop_delay_max_seconds') ?? 0;
  await waitFor(async () => (await maximum()) > 0, { what: 'a first measurement' });
  const until = performance.now() + 300;
  while (performance.now() < until);
  await waitFor(async () => (await maximum()) >= 0.25, { what: 'the delay' });
  expect(await maximum()).toBeGreaterThanOrEqual(0.25);
});

test('garbage collection is timed by its type', async () => {
  using _ = await observeProcess();
  const collected = async () => [...(await values()).keys()].some((name) => name.includes('v8js_gc_type="minor"'));
  await waitFor(
    async () => {
      // Rubbish enough to fill the young generation.
      for (let round = 0; round < 200_000; round += 1) void new Array(50).fill(round);
      return collected();
    },
    { what: 'a minor collection' },
  );
});

test('what no longer keeps the process alive is 0, and not what it was', async () => {
  using _ = await observeProcess();
  const name = 'v8js_resource_active{v8js_resource_type="TCPServerWrap"}';
  const server = createServer().listen(0);
  await once(server, 'listening');
  expect((await values()).get(name)).toBeGreaterThan(0);
  const before = (await values()).get(name)!;
  server.close();
  await waitFor(async () => (await values()).get(name) === before - 1, { what: 'one less' });
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
  for (const name of [
    'process_uptime_seconds',
    'nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"}',
  ]) {
    expect(last.get(name)).toBeGreaterThan(0);
    expect(later.get(name)).toBe(last.get(name));
  }
});
