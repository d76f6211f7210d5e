import { createInstruments } from '@org/metrics';
import {
  INVALID_SPAN_CONTEXT,
  metrics,
  trace,
  type Attributes,
  type Counter,
  type Histogram,
  type Tracer,
} from '@opentelemetry/api';
import { reasonsToRetry } from './again.ts';
import type { Driver } from './driver.ts';
import type { Slots } from './slots.ts';

export const library = '@org/database';

/** What is measured of a database; made when it is opened, so that it belongs to the telemetry then in place. */
export interface DatabaseInstruments {
  readonly tracer: Tracer;
  readonly operationDuration: Histogram;
  readonly waitTime: Histogram;
  readonly timeouts: Counter;
  readonly retries: Counter;
}

/** For what goes on all the time, for nobody: each look would be a trace of its own. */
export const silentTracer: Pick<Tracer, 'startSpan'> = { startSpan: () => trace.wrapSpanContext(INVALID_SPAN_CONTEXT) };

/** @see https://opentelemetry.io/docs/specs/semconv/db/database-metrics/ */
export function createDatabaseInstruments(): DatabaseInstruments {
  const make = createInstruments(library);
  const retries = make.counter('db.client.operation.retries', {
    description: 'Statements and transactions that were run again, by the reason of their failure.',
    unit: '{retry}',
  });
  // A rate can be told of what was there before it happened for the first time.
  for (const reason of reasonsToRetry) retries.add(0, { 'error.type': reason });
  return {
    tracer: trace.getTracer(library),
    operationDuration: make.histogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    }),
    waitTime: make.histogram('db.client.connection.wait_time', {
      description: 'The time it took to obtain an open connection from the pool.',
      unit: 's',
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    }),
    timeouts: make.counter('db.client.connection.timeouts', {
      description: 'Times that no connection was free in time.',
      unit: '{timeout}',
    }),
    retries,
  };
}

/** Has the pool looked at whenever somebody collects metrics. Gives what ends it. */
export function observePool(driver: Driver, slots: Slots): () => void {
  const make = createInstruments(library);
  const count = make.observableUpDownCounter('db.client.connection.count', {
    description: 'Connections that are currently in the state described by the attribute.',
    unit: '{connection}',
  });
  const max = make.observableUpDownCounter('db.client.connection.max', {
    description: 'The maximum number of open connections allowed.',
    unit: '{connection}',
  });
  const pending = make.observableUpDownCounter('db.client.connection.pending_requests', {
    description: 'Current pending requests for an open connection.',
    unit: '{request}',
  });
  const pool: Attributes = { 'db.client.connection.pool.name': driver.place.namespace };
  const instruments = [count, max, pending];
  const meter = metrics.getMeter(library);
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const { used, waiting } = slots;
    result.observe(count, used, { ...pool, 'db.client.connection.state': 'used' });
    result.observe(count, Math.max(0, driver.open() - used), { ...pool, 'db.client.connection.state': 'idle' });
    result.observe(max, driver.size, pool);
    result.observe(pending, waiting, pool);
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
