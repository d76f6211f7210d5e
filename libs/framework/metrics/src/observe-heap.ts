import { metrics, type BatchObservableResult } from '@opentelemetry/api';
import { PerformanceObserver, constants, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { createInstruments } from './instruments.ts';

const library = '@org/metrics';

const collections: Readonly<Record<number, { readonly 'v8js.gc.type': string } | undefined>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: Object.freeze({ 'v8js.gc.type': 'major' }),
  [constants.NODE_PERFORMANCE_GC_MINOR]: Object.freeze({ 'v8js.gc.type': 'minor' }),
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: Object.freeze({ 'v8js.gc.type': 'incremental' }),
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: Object.freeze({ 'v8js.gc.type': 'weakcb' }),
};

/**
 * Observes V8 until the function that it gives is called: its heap, garbage collection, and what keeps the process alive.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/runtime/v8js-metrics/
 */
export function observeHeap(): () => void {
  const instruments = createInstruments(library);
  const bytes = (description: string) => ({ description, unit: 'By' });
  const size = instruments.observableUpDownCounter(
    'v8js.memory.heap.space.size',
    bytes('What a space of the heap has reserved.'),
  );
  const used = instruments.observableUpDownCounter(
    'v8js.memory.heap.used',
    bytes('What a space of the heap has in use.'),
  );
  const available = instruments.observableUpDownCounter(
    'v8js.memory.heap.space.available_size',
    bytes('What is free in a space of the heap.'),
  );
  const physical = instruments.observableUpDownCounter(
    'v8js.memory.heap.space.physical_size',
    bytes('What a space of the heap takes of the memory.'),
  );
  // Not a name of OpenTelemetry's, which has none for it: at this size the process ends for want of memory.
  const limit = instruments.observableUpDownCounter(
    'v8js.memory.heap.size_limit',
    bytes('The most that the whole heap may grow to.'),
  );
  const active = instruments.observableGauge('v8js.resource.active', {
    description: 'What keeps the event loop alive, by type.',
    unit: '{resource}',
  });
  const duration = instruments.histogram('v8js.gc.duration', {
    description: 'Duration of garbage collection, by type.',
    unit: 's',
    buckets: [0.001, 0.01, 0.1, 1, 10],
  });

  const types = new Set<string>();
  const observe = (result: BatchObservableResult) => {
    for (const space of getHeapSpaceStatistics()) {
      const attributes = { 'v8js.heap.space.name': space.space_name };
      result.observe(size, space.space_size, attributes);
      result.observe(used, space.space_used_size, attributes);
      result.observe(available, space.space_available_size, attributes);
      result.observe(physical, space.physical_space_size, attributes);
    }
    result.observe(limit, getHeapStatistics().heap_size_limit);
    const counts = Map.groupBy(process.getActiveResourcesInfo(), (type) => type);
    for (const type of counts.keys()) types.add(type);
    // A type that was there once is 0 from then on, else its last value would be shown for ever.
    for (const type of types) result.observe(active, counts.get(type)?.length ?? 0, { 'v8js.resource.type': type });
  };
  const observed = [size, used, available, physical, limit, active];
  const meter = metrics.getMeter(library);
  meter.addBatchObservableCallback(observe, observed);
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail;
      duration.record(entry.duration / 1_000, collections[kind]);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    meter.removeBatchObservableCallback(observe, observed);
    observer.disconnect();
  };
}
