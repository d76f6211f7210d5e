import { untilAborted } from '@org/context';
import type { Code } from '@org/errors';
import { createInstruments } from '@org/metrics';
import { metrics, type Counter, type Histogram } from '@opentelemetry/api';
import type { DatabaseCore } from '../core.ts';
import { library } from '../instruments.ts';

/** Up to how many are counted. */
const countedMax = 10_000;
/** How long a look may take, in milliseconds: whoever collects metrics waits for it. */
const timeoutMs = 2_000;

export interface RelayInstruments {
  readonly delays: Histogram;
  readonly failures: Counter;
}

export function createRelayInstruments(): RelayInstruments {
  const make = createInstruments(library);
  const failures = make.counter('outbox.delivery.failures', {
    description: 'Times that the broker did not take a message of the outbox.',
    unit: '{failure}',
  });
  // What was never counted has no rate when it begins.
  failures.add(0, { 'error.type': 'unavailable' satisfies Code });
  return {
    failures,
    delays: make.histogram('outbox.delivery.delay', {
      description: 'How long after it was published a message of the outbox was with the broker.',
      unit: 's',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 60, 600],
    }),
  };
}

/** How much waits in an outbox. */
export interface Backlog {
  /** 10 001 stands for more than 10 000, here and below. */
  readonly waiting: number;
  readonly setAside: number;
  /** The age of the oldest that waits, in seconds; 0 where there is none. */
  readonly oldest: number;
}

const count = `SELECT
  coalesce((SELECT extract(epoch FROM clock_timestamp() - published_at) FROM outbox
    WHERE coalesce(retry_at, '-infinity') < 'infinity' ORDER BY position LIMIT 1), 0)::float8 AS oldest,
  (SELECT count(*) FROM (SELECT FROM outbox WHERE coalesce(retry_at, '-infinity') < 'infinity' LIMIT ${countedMax + 1}) AS x)::int
    AS waiting,
  (SELECT count(*) FROM (SELECT FROM outbox WHERE retry_at = 'infinity' LIMIT ${countedMax + 1}) AS y)::int AS "setAside"`;

export async function readBacklog({ background }: Pick<DatabaseCore, 'background'>): Promise<Backlog> {
  const [row] = (await background({ text: count, values: [] })).rows as [Backlog];
  return { ...row, oldest: Math.max(0, row.oldest) };
}

/** Has the outbox looked at whenever somebody collects metrics. Gives what ends it. */
export function observeOutbox(core: Pick<DatabaseCore, 'background'>): () => void {
  const make = createInstruments(library);
  const lag = make.observableGauge('outbox.lag', {
    description: 'How long ago the oldest message that waits in the outbox was published; 0 where there is none.',
    unit: 's',
  });
  const waiting = make.observableGauge('outbox.waiting', {
    description: 'Messages that wait in the outbox, counted up to 10 001.',
    unit: '{message}',
  });
  const setAside = make.observableGauge('outbox.set_aside', {
    description: 'Messages of the outbox that the broker will never take, counted up to 10 001.',
    unit: '{message}',
  });
  const instruments = [lag, waiting, setAside];
  const meter = metrics.getMeter(library);
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    const looked = untilAborted(AbortSignal.timeout(timeoutMs), () => readBacklog(core));
    // What a database that is away cannot tell stays as it was.
    const backlog = await looked.catch(() => undefined);
    if (!backlog) return;
    result.observe(lag, backlog.oldest);
    result.observe(waiting, backlog.waiting);
    result.observe(setAside, backlog.setAside);
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
