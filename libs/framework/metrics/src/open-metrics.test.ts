import { DiagLogLevel, diag, metrics } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { openMetrics } from './open-metrics.ts';

afterEach(() => {
  metrics.disable();
  diag.disable();
});

test('while telemetry is off, a comment is shown', async () => {
  const exposition = await openMetrics();
  expect(exposition.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await exposition.expose()).toBe('# telemetry is off\n');
  const measuring = exposition.measure();
  expect(await exposition.expose()).toMatch(/^# HELP target_info .*\n[^]*[^\n]\n$/);
  await measuring.shutdown();
  expect(await exposition.expose()).toBe('# telemetry is off\n');
});

test('no server listens', async () => {
  const exposition = await openMetrics();
  const measuring = exposition.measure();
  await exposition.expose();
  expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
  await measuring.shutdown();
});

test('an observer that throws takes only its own metric away', async () => {
  const exposition = await openMetrics();
  const measuring = exposition.measure();
  const warn = vi.fn();
  const silent = () => {};
  diag.setLogger({ error: silent, warn, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  const meter = measuring.provider.getMeter('test');
  meter.createObservableGauge('broken').addCallback(() => {
    throw new Error('no value');
  });
  meter.createCounter('orders').add(1);
  const text = await exposition.expose();
  expect(text).toContain('orders_total 1');
  expect(text).not.toContain('broken');
  expect(warn).toHaveBeenCalledWith('A metric could not be observed', expect.objectContaining({ message: 'no value' }));
  await measuring.shutdown();
});

test('an observer that never ends is left out when its time is over', { timeout: 15_000 }, async () => {
  const exposition = await openMetrics();
  const measuring = exposition.measure();
  const meter = measuring.provider.getMeter('test');
  meter.createObservableGauge('stuck').addCallback(() => new Promise(() => {}));
  meter.createCounter('orders').add(1);
  expect(await exposition.expose()).toContain('orders_total 1');
  await measuring.shutdown();
});
