import { pause } from '@org/context';
import type { Logger } from '@org/logging';
import {
  createBackoff,
  type Delivery,
  type Failure,
  type Outcome,
  type Running,
  type Subscription,
} from '@org/messaging';
import { managerFor } from './api.ts';
import { declareStream } from './declare.ts';
import type { Incoming } from './incoming.ts';
import { flush } from './flush.ts';
import { createIntake, type Intake } from './intake.ts';
import type { Link } from './link.ts';
import type { Store } from './publish.ts';
import { deadLetterOf } from './settlement.ts';
import { openSource, type Source } from './source.ts';
import { deadStream, typeStream, type StreamRules } from './wanted.ts';

export interface SubscribeParts {
  readonly link: Link;
  readonly logger: Logger;
  readonly store: Store;
  readonly rules: StreamRules;
}

/** A subscription at work, which can be given up at once. */
export interface Subscribed extends Running {
  abandon(): Promise<void>;
}

/** How long a question about streams may take, and one try to store a dead letter. */
const [declareMs, storeMs] = [10_000, 5_000];

/** When what does not fit among the dead letters is tried again: the server may take larger ones then. */
const unfitDelayMs = 600_000;

/** Takes from the streams of a subscription's types. */
export async function subscribe(
  parts: SubscribeParts,
  subscription: Subscription,
  deliver: (delivery: Delivery) => Promise<Outcome>,
): Promise<Subscribed> {
  const { link, logger, rules } = parts;
  const doing = `subscribe to \`${subscription.name}\``;
  const manager = await managerFor(link, doing, AbortSignal.timeout(declareMs));
  await declareStream(manager, deadStream(subscription, rules));

  const sources: Source[] = [];
  const intake: Intake = createIntake({
    link,
    subscription,
    deliver,
    bury: createBury(parts, subscription),
    onRoom: () => {
      for (const source of sources) source.more();
    },
  });
  const endSources = async () => {
    await Promise.all(sources.map((source) => source.end()));
    intake.quiet();
  };
  try {
    for (const type of subscription.types) {
      const wanted = typeStream(subscription.kind, type, rules);
      sources.push(await openSource({ link, logger, subscription, wanted, intake: () => intake }, manager));
    }
  } catch (error) {
    await endSources();
    intake.giveBack();
    throw error;
  }
  return {
    async stop(signal) {
      await Promise.all([intake.stop(signal), endSources()]);
      intake.giveBack();
      // What was said of them is with the server when this is over.
      await flush(link);
    },
    async lag(signal) {
      const lags = await Promise.all(sources.map((source) => source.lag(signal)));
      return lags.reduce((sum, each) => sum + each, 0);
    },
    async abandon() {
      intake.halt();
      await endSources();
      intake.giveBack();
    },
  };
}

/**
 * Stores dead letters, however long the broker is away: until then the message stays with this consumer. One that the server
 * takes, but not with what is said of its failure, waits in its stream and holds up nobody.
 */
function createBury({ link, logger, store, rules }: SubscribeParts, subscription: Subscription) {
  return async (incoming: Incoming, failure: Failure): Promise<Outcome | undefined> => {
    const backoff = createBackoff(100, 5_000);
    for (let tries = 0; !link.closed.aborted; tries += 1) {
      try {
        const signal = AbortSignal.any([AbortSignal.timeout(storeMs), link.closed]);
        if (await store(deadLetterOf(subscription, incoming, failure, signal))) return { kind: 'dead-letter', failure };
        // Somebody deleted the stream.
        await declareStream(await managerFor(link, 'make it', signal), deadStream(subscription, rules));
      } catch (error) {
        if (tries === 0)
          logger.error({ err: error }, `A dead letter of ${subscription.name} cannot be stored at the moment`);
        if ((error as { reason?: unknown }).reason === 'PAYLOAD_TOO_LARGE')
          return { kind: 'retry', delayMs: unfitDelayMs };
        await pause(backoff.next(), link.closed);
      }
    }
    return undefined;
  };
}
