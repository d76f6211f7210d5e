import type { Resource, Runtime } from '@org/runtime';
import type { Broker } from './broker.ts';
import { assertConsumed } from './assert-promised.ts';
import type { Consumer } from './consumer.ts';
import { coreOf, type BrokerCore, type Consumed } from './core.ts';
import { createDeliver } from './create-deliver.ts';
import type { HandleOptions, Handler } from './handle.ts';
import type { Inbox } from './inbox.ts';
import { stopAll } from './stop-all.ts';
import { subscriptionOf, withoutUndefined } from './subscription.ts';

export interface ConsumeOptions extends HandleOptions {
  /** The consumer group of events: each group gets every event, and its members share them. Default: the name of the service. */
  readonly group?: string;
  /** Recognises messages that come twice. Default: every delivery is worked on. */
  readonly inbox?: Inbox;
}

/** Consumers at work. */
export interface Consumers extends Resource {
  drain(signal: AbortSignal): Promise<void>;
}

/**
 * Consumes events and commands, each from a queue of its own. What a handler's own options leave out is as `options` have
 * it: concurrency 10, retries after 1 s, 10 s, 1 min and 10 min, time-out 30 s, not ordered.
 *
 * @throws {TypeError} when handlers and the service's contract do not fit together: an event must stand under `consumes`,
 *   a command under `handles`, and each of them needs one handler.
 * @throws {RangeError} for options out of their limits.
 * @throws {ServiceError} failed_precondition, TOPOLOGY_CONFLICT, when the broker has a queue that is made otherwise.
 */
export async function consume(
  broker: Broker,
  handlers: readonly Handler[],
  options: ConsumeOptions,
  runtime: Pick<Runtime, 'logger'>,
): Promise<Consumers> {
  const core: BrokerCore = { ...coreOf(broker), logger: runtime.logger };
  const { inbox, ...rules } = options;
  assertConsumed(core.promises, handlers);
  const subscriptions = handlers.map((handler) =>
    subscriptionOf(handler.message, { ...rules, ...withoutUndefined(handler.options) }, core.service.name),
  );
  const stopping = new AbortController();
  const ending = new AbortController();
  const consumed: Consumed[] = [];
  const end = async (signal: AbortSignal) => {
    stopping.abort();
    for (const each of consumed) core.consumed.delete(each);
    await stopAll(
      consumed.splice(0).map(({ running }) => running),
      signal,
      ending,
    );
  };
  try {
    for (const [index, subscription] of subscriptions.entries()) {
      const common = { core, inbox, stopping: stopping.signal, ending: ending.signal };
      const consumer: Consumer = { ...common, handler: handlers[index]!, subscription };
      const running = await core.transport.subscribe(subscription, createDeliver(consumer));
      const entry = { subscription, running };
      consumed.push(entry);
      core.consumed.add(entry);
    }
  } catch (error) {
    await end(AbortSignal.timeout(1_000));
    throw error;
  }
  return {
    kind: 'messaging',
    drain: end,
    [Symbol.asyncDispose]: () => end(AbortSignal.abort()),
  };
}
