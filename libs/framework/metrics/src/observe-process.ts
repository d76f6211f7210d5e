import { readFile, readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { metrics, type BatchObservableResult } from '@opentelemetry/api';
import { createInstruments } from './instruments.ts';
import { observeEventLoop } from './observe-event-loop.ts';
import { observeHeap } from './observe-heap.ts';

const library = '@org/metrics';

/**
 * Observes this process until it is disposed: CPU time, memory, file descriptors (on Linux), start and uptime, and of
 * the runtime the event loop, the heap and garbage collection. Call it after telemetry has started.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
 */
export async function observeProcess(): Promise<Disposable> {
  const stops = [observeEventLoop(), observeHeap(), await observeSystem()];
  return {
    [Symbol.dispose]() {
      for (const stop of stops.splice(0)) stop();
    },
  };
}

async function observeSystem(): Promise<() => void> {
  const instruments = createInstruments(library);
  const cpuTime = instruments.observableCounter('process.cpu.time', {
    description: 'CPU seconds of the process, by mode.',
    unit: 's',
  });
  const memory = instruments.observableUpDownCounter('process.memory.usage', {
    description: 'Physical memory that the process uses.',
    unit: 'By',
  });
  const memoryLimit = instruments.observableUpDownCounter('process.memory.limit', {
    description: "Physical memory that the process may use: the container's limit, or what the machine has.",
    unit: 'By',
  });
  const descriptors = instruments.observableUpDownCounter('process.unix.file_descriptor.count', {
    description: 'File descriptors that the process has open.',
    unit: '{file_descriptor}',
  });
  const descriptorLimit = instruments.observableUpDownCounter('process.unix.file_descriptor.limit', {
    description: 'File descriptors that the process may have open.',
    unit: '{file_descriptor}',
  });
  const uptime = instruments.observableGauge('process.uptime', {
    description: 'How long the process has been running.',
    unit: 's',
  });
  // Not a name of OpenTelemetry's, but the one that alert rules on restarts know.
  const startTime = instruments.observableGauge('process_start_time_seconds', {
    description: 'When the process started, in seconds since the epoch.',
    unit: 's',
  });

  const observed = [cpuTime, memory, memoryLimit, descriptors, descriptorLimit, uptime, startTime];
  const startedAt = Date.now() / 1_000 - process.uptime();
  const maximumMemory = Math.min(process.constrainedMemory() || Infinity, totalmem());
  const maximumDescriptors = await readDescriptorLimit();
  const observe = async (result: BatchObservableResult) => {
    const { user, system } = process.cpuUsage();
    result.observe(cpuTime, user / 1e6, { 'cpu.mode': 'user' });
    result.observe(cpuTime, system / 1e6, { 'cpu.mode': 'system' });
    result.observe(memory, process.memoryUsage.rss());
    result.observe(memoryLimit, maximumMemory);
    result.observe(uptime, process.uptime());
    result.observe(startTime, startedAt);
    if (maximumDescriptors !== undefined) result.observe(descriptorLimit, maximumDescriptors);
    const count = await countDescriptors();
    if (count !== undefined) result.observe(descriptors, count);
  };
  const meter = metrics.getMeter(library);
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}

async function countDescriptors(): Promise<number | undefined> {
  try {
    // Reading the folder takes a descriptor of its own.
    return (await readdir('/proc/self/fd')).length - 1;
  } catch {
    return undefined;
  }
}

async function readDescriptorLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
