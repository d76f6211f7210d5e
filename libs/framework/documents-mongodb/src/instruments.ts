import { createInstruments } from '@org/metrics';
import { metrics, trace, type Histogram, type Tracer } from '@opentelemetry/api';
import type { MongoClient } from 'mongodb';

export const library = '@org/documents-mongodb';

/** What is measured of a database; made when it is opened, so that it belongs to the telemetry then in place. */
export interface MongoInstruments {
  readonly tracer: Tracer;
  readonly operationDuration: Histogram;
}

/** @see https://opentelemetry.io/docs/specs/semconv/db/database-metrics/ */
export function createMongoInstruments(): MongoInstruments {
  return {
    tracer: trace.getTracer(library),
    operationDuration: createInstruments(library).histogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    }),
  };
}

/** Counts connections, as clients tell of them. */
export interface PoolWatch extends Disposable {
  watch(client: MongoClient): MongoClient;
}

export function watchPools(database: string, size: number): PoolWatch {
  const make = createInstruments(library);
  const count = make.observableUpDownCounter('db.client.connection.count', {
    description: 'Connections that are currently in the state described by the attribute.',
    unit: '{connection}',
  });
  const max = make.observableUpDownCounter('db.client.connection.max', {
    description: 'The maximum number of open connections allowed.',
    unit: '{connection}',
  });
  let [open, used] = [0, 0];
  const pool = { 'db.client.connection.pool.name': database };
  const instruments = [count, max];
  const meter = metrics.getMeter(library);
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    result.observe(count, used, { ...pool, 'db.client.connection.state': 'used' });
    result.observe(count, Math.max(0, open - used), { ...pool, 'db.client.connection.state': 'idle' });
    result.observe(max, size, pool);
  };
  meter.addBatchObservableCallback(observe, instruments);
  return {
    watch: (client) =>
      client
        .on('connectionReady', () => void (open += 1))
        .on('connectionClosed', () => void (open = Math.max(0, open - 1)))
        .on('connectionCheckedOut', () => void (used += 1))
        .on('connectionCheckedIn', () => void (used = Math.max(0, used - 1))),
    [Symbol.dispose]: () => meter.removeBatchObservableCallback(observe, instruments),
  };
}
