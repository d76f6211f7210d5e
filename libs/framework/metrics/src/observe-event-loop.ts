import { metrics, type BatchObservableResult } from '@opentelemetry/api';
import { monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks';
import { createInstruments } from './instruments.ts';

const library = '@org/metrics';
const resolutionMs = 20;
const windowMs = 30_000;

/**
 * Observes the event loop until the function that it gives is called: for how long timers were late, and how busy it was.
 * Delay and utilization are those of the last 30 to 60 seconds, or since somebody last asked if that was longer ago, so
 * that several readers do not take each other's peaks away.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/
 */
export function observeEventLoop(): () => void {
  const instruments = createInstruments(library);
  const seconds = (description: string) => ({ description, unit: 's' });
  const min = instruments.observableGauge(
    'nodejs.eventloop.delay.min',
    seconds('The shortest delay of the event loop; at rest it is 20 ms.'),
  );
  const max = instruments.observableGauge(
    'nodejs.eventloop.delay.max',
    seconds('The longest delay of the event loop.'),
  );
  const mean = instruments.observableGauge('nodejs.eventloop.delay.mean', seconds('The mean delay of the event loop.'));
  const stddev = instruments.observableGauge(
    'nodejs.eventloop.delay.stddev',
    seconds('The standard deviation of the delay of the event loop.'),
  );
  const p50 = instruments.observableGauge('nodejs.eventloop.delay.p50', seconds('The median delay of the event loop.'));
  const p90 = instruments.observableGauge(
    'nodejs.eventloop.delay.p90',
    seconds('The delay of the event loop, 90th percentile.'),
  );
  const p99 = instruments.observableGauge(
    'nodejs.eventloop.delay.p99',
    seconds('The delay of the event loop, 99th percentile.'),
  );
  const utilization = instruments.observableGauge('nodejs.eventloop.utilization', {
    description: 'The part of the time in which the event loop was busy.',
    unit: '1',
  });
  const time = instruments.observableCounter('nodejs.eventloop.time', {
    description: 'How long the event loop has been active and idle.',
    unit: 's',
  });

  const windows = createWindows();
  const observe = (result: BatchObservableResult) => {
    const { histogram, busySince } = windows.longer();
    // Without a single measurement the histogram's values mean nothing.
    if (histogram.count > 0) {
      result.observe(min, histogram.min / 1e9);
      result.observe(max, histogram.max / 1e9);
      result.observe(mean, histogram.mean / 1e9);
      result.observe(stddev, histogram.stddev / 1e9);
      result.observe(p50, histogram.percentile(50) / 1e9);
      result.observe(p90, histogram.percentile(90) / 1e9);
      result.observe(p99, histogram.percentile(99) / 1e9);
    }
    const now = performance.eventLoopUtilization();
    result.observe(utilization, performance.eventLoopUtilization(now, busySince).utilization);
    result.observe(time, now.active / 1_000, { 'nodejs.eventloop.state': 'active' });
    result.observe(time, now.idle / 1_000, { 'nodejs.eventloop.state': 'idle' });
    windows.turn();
  };
  const observed = [min, max, mean, stddev, p50, p90, p99, utilization, time];
  const meter = metrics.getMeter(library);
  meter.addBatchObservableCallback(observe, observed);
  return () => {
    meter.removeBatchObservableCallback(observe, observed);
    windows.close();
  };
}

interface Window {
  readonly histogram: ReturnType<typeof monitorEventLoopDelay>;
  busySince: EventLoopUtilization;
  startedAt: number;
}

/** Two windows that begin anew in turns, so that one of them always reaches back far enough. */
function createWindows() {
  const open = (): Window => {
    const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
    histogram.enable();
    return { histogram, busySince: performance.eventLoopUtilization(), startedAt: performance.now() };
  };
  let longer = open();
  let shorter = open();
  return {
    longer: () => longer,
    turn() {
      if (performance.now() - shorter.startedAt < windowMs) return;
      [longer, shorter] = [shorter, longer];
      shorter.histogram.reset();
      shorter.busySince = performance.eventLoopUtilization();
      shorter.startedAt = performance.now();
    },
    close() {
      for (const { histogram } of [longer, shorter]) histogram.disable();
    },
  };
}
