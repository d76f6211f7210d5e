import { pause, runOutsideCalls, untilAborted } from '@org/context';
import type { ServiceError } from '@org/errors';
import type { Resource, Runtime } from '@org/runtime';
import { core } from '../core.ts';
import type { Database } from '../open-database.ts';
import { expectInteger } from '../expect-integer.ts';
import { orTableMissing } from '../table-missing.ts';
import { createAlarm } from './alarm.ts';
import { settle, take } from './batch.ts';
import { createFloor } from './floor.ts';
import { forwardBatch, type Forwarded, type OutboxBroker } from './forward-batch.ts';
import { openLink } from './link.ts';
import { createRelayInstruments, observeOutbox, type RelayInstruments } from './observe-outbox.ts';
import { outboxOps } from './outbox-ops.ts';
import { createRelayState } from './relay-state.ts';

export interface RelayOptions {
  /** How many messages it has at a time, from 1 to 1 000. Default: 200. */
  readonly batchSize?: number;
  /** How often it looks when nobody tells it of anything, in milliseconds, from 1 up. Default: 1 000. */
  readonly pollMs?: number;
  /** Whether an event for which nobody has a queue stays until somebody has, or is gone. Default: as the broker has it. */
  readonly unrouted?: 'refuse' | 'accept';
}

/** A relay at work. */
export interface OutboxRelay extends Resource {
  readonly kind: 'messaging';
  check(signal: AbortSignal): Promise<void>;
  drain(signal: AbortSignal): Promise<void>;
}

/** How long it waits for what another relay has, in milliseconds. */
const heldMs = 20;
/** For how long it lets messages gather after a look that found few, in milliseconds. Who comes later is looked at at once. */
const gatherMs = 5;
/** The bounds of the pauses while broker or database are away, in milliseconds. */
const backoffMs = 100;
const longestMs = 5_000;
/** How long a batch may take at the broker, and after what time nothing further of a key is begun, in milliseconds. */
const forwardMs = 30_000;
const budgetMs = 250;
/** How long the end of a relay may take, in milliseconds. */
const endMs = 5_000;

/**
 * Hands what `database.outbox` has to the broker: each message at least once, those of one key in the order of their commits.
 * Any number of replicas may do so side by side. Open it after the broker, so that it stops before it.
 *
 * @throws {RangeError} when an option is out of its limits.
 * @throws {ServiceError} failed_precondition, TABLE_MISSING, when the database has no table `outbox`.
 */
export async function relayOutbox(
  database: Pick<Database, typeof core>,
  broker: OutboxBroker,
  { logger }: Pick<Runtime, 'logger'>,
  options: RelayOptions = {},
): Promise<OutboxRelay> {
  const { batchSize = 200, pollMs = 1_000, unrouted } = options;
  expectInteger('batchSize', batchSize, 1_000);
  expectInteger('pollMs', pollMs, 2 ** 31 - 1);
  const parts = database[core];
  const alarm = createAlarm();
  const abandoned = new AbortController();
  const state = createRelayState(logger);
  await using stack = new AsyncDisposableStack();
  const link = stack.use(openLink(parts, alarm.ring));
  await orTableMissing(
    'outbox',
    'relay the outbox',
    link.batch((run) => take(run, 1)),
  );
  const instruments = createRelayInstruments();
  const stopping = new AbortController();
  const floor = createFloor(pollMs);

  /** Hands over some, and gives how long to wait before the next look. */
  const look = async (): Promise<number> => {
    // A broker that is away is tried with one.
    const limit = state.brokerAway > 0 ? 1 : batchSize;
    const { messages, delivered, failed } = await link.batch(async (run) => {
      const from = floor.next();
      const startedAt = performance.now();
      const messages = await take(run, limit, from);
      floor.looked(from, messages, performance.now() - startedAt);
      const signal = AbortSignal.any([abandoned.signal, AbortSignal.timeout(forwardMs)]);
      const forwarded = await forwardBatch(messages, { broker, signal, budgetMs, ...(unrouted && { unrouted }) });
      measure(instruments, forwarded);
      await settle(run, forwarded, abandoned.signal);
      return { messages, ...forwarded };
    });
    state.looked({ delivered, failed });
    const left = messages.length - delivered.length - failed.length;
    if (delivered.length > 0 && (messages.length === limit || left > 0)) return 0;
    return left > 0 ? heldMs : pollMs;
  };
  const work = async () => {
    while (!stopping.signal.aborted || alarm.rings) {
      alarm.reset();
      const pauseMs = await look().catch((error: ServiceError) => {
        if (!abandoned.signal.aborted) state.lost(error);
        return pollMs;
      });
      const away = Math.max(state.brokerAway, state.databaseAway);
      if ((away > 0 || abandoned.signal.aborted) && stopping.signal.aborted) return;
      // Whoever rings does not bring back what is away.
      if (away > 0) await pause(backoff(away), stopping.signal);
      else if (pauseMs > gatherMs) await pause(gatherMs, stopping.signal);
      if (away === 0) await alarm.sleep(stopping.signal.aborted ? 0 : pauseMs);
    }
  };
  const ended = runOutsideCalls(work);
  stack.defer(parts.wakeUp.add(alarm.ring));
  stack.defer(observeOutbox(parts));
  const owned = stack.move();
  const end = () => {
    stopping.abort();
    alarm.ring();
  };
  return {
    kind: 'messaging',
    // What waits is late, and nothing of it is lost.
    critical: false,
    async check() {
      state.assertWell();
    },
    ops: outboxOps(parts, alarm.ring),
    async drain(signal) {
      end();
      await untilAborted(signal, () => ended).catch(() => {});
    },
    async [Symbol.asyncDispose]() {
      end();
      abandoned.abort();
      const closed = async () => Promise.all([owned.disposeAsync(), ended]);
      await untilAborted(AbortSignal.timeout(endMs), closed).catch(() => {});
    },
  };
}

function measure({ delays, failures }: RelayInstruments, { delivered, failed }: Forwarded): void {
  for (const { age, tookMs } of delivered) delays.record(Math.max(0, age + tookMs) / 1_000);
  for (const { cause } of failed) failures.add(1, { 'error.type': cause.code });
}

function backoff(times: number): number {
  return Math.min(longestMs, backoffMs * 2 ** times) * (0.5 + Math.random() / 2);
}
