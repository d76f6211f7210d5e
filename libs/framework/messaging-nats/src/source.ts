import type { JetStreamManager } from '@nats-io/jetstream';
import { pause } from '@org/context';
import type { Logger } from '@org/logging';
import { createBackoff, type Subscription } from '@org/messaging';
import { findConsumer, managerOf } from './api.ts';
import { declareConsumer, declareStream, standingOf, type Standing } from './declare.ts';
import type { Intake } from './intake.ts';
import type { Link } from './link.ts';
import { consumerOf } from './names.ts';
import { openPull, type Pull } from './pull.ts';
import { createTidy } from './tidy.ts';
import { settledOr } from './until.ts';
import type { WantedStream } from './wanted.ts';

/** One stream from which a subscription takes: it has one for each of its types. */
export interface Source {
  readonly stream: string;
  /** There may be room for more. */
  more(): void;
  /** How many messages the consumer was not given yet. */
  lag(signal: AbortSignal): Promise<number>;
  /** Asks for nothing any more. */
  end(): Promise<void>;
}

export interface SourceParts {
  readonly link: Link;
  readonly logger: Logger;
  readonly subscription: Subscription;
  readonly wanted: WantedStream;
  readonly intake: () => Intake;
}

/** How long it may take at the end. */
const forgetMs = 1_000;
/** How often it is looked where the consumer stands, and how many times until what all have handled is deleted. */
const [lookMs, looksForTidying] = [1_000, 5];

/**
 * Makes the stream and its consumer, if they are not there, and takes from it, over each connection that follows. When one
 * of them is deleted it is made again.
 */
export async function openSource(
  { link, logger, subscription, wanted, intake }: SourceParts,
  manager: JetStreamManager,
): Promise<Source> {
  const [stream, consumer] = [wanted.name, consumerOf(subscription)];
  const ending = new AbortController();
  const declare = async (from: JetStreamManager, standing?: Standing) =>
    declareConsumer(from, await declareStream(from, wanted), subscription, standing);
  let standing = await declare(manager);
  let pull: Pull | undefined;

  const run = async () => {
    const backoff = createBackoff(20, 3_000);
    let known: string | undefined;
    for (let first = true; !ending.signal.aborted; first = false) {
      const connection = await link.connected(ending.signal);
      if (!connection) return;
      try {
        if (!first) standing = await declare(await managerOf(connection), standing);
        if (ending.signal.aborted) return;
        known = undefined;
        const startedAt = performance.now();
        pull = openPull({
          connection,
          stream,
          consumer,
          room: () => intake().room(),
          take: (message) => intake().take(message, standing.delivered),
        });
        const why = await pull.over;
        if (performance.now() - startedAt > 5_000) backoff.reset();
        if (why !== undefined) {
          logger.warn(
            `The broker delivers nothing to ${subscription.name} any more (${why}): its consumer is looked for, and made if it is gone`,
          );
        }
      } catch (error) {
        const text = String(error);
        // The same again and again says nothing new.
        if (text !== known && !connection.isClosed())
          logger.error({ err: error }, `Nothing can be consumed for ${subscription.name} at the moment`);
        known = text;
      }
      if (!ending.signal.aborted && !connection.isClosed()) await pause(backoff.next(), ending.signal);
    }
  };
  const tidy = createTidy(stream);
  const look = async () => {
    for (let looks = 1; !ending.signal.aborted; looks += 1) {
      await pause(lookMs, ending.signal);
      const connection = link.current();
      if (!connection || ending.signal.aborted) continue;
      try {
        const from = await managerOf(connection);
        const found = await findConsumer(from, stream, consumer);
        // Not all servers tell those who wait for messages that it is gone.
        if (!found) pull?.giveUp('it is not there any more');
        else standing = standingOf(standing.created, found);
        if (looks % looksForTidying === 0 && found) await tidy(from);
      } catch (error) {
        logger.debug({ err: error }, `It is not known where ${subscription.name} stands`);
      }
    }
  };
  /**
   * Requests for messages cannot be withdrawn. The server drops those whose sender is gone when it counts them, as it does when
   * it is asked about a consumer; else it would count what it then delivers to nobody as an attempt.
   */
  const forgetRequests = async () => {
    const connection = link.current();
    if (!connection) return;
    await settledOr(
      AbortSignal.timeout(forgetMs),
      managerOf(connection).then((from) => findConsumer(from, stream, consumer)),
    );
  };
  const work = Promise.all([run(), look()]);

  return {
    stream,
    more: () => pull?.more(),
    async lag(signal) {
      signal.throwIfAborted();
      const connection = link.current();
      if (!connection) return 0;
      return (await findConsumer(await managerOf(connection), stream, consumer))?.num_pending ?? 0;
    },
    async end() {
      ending.abort();
      await pull?.end();
      await forgetRequests();
      await work;
    },
  };
}
