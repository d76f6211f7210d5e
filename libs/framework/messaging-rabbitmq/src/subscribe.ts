import { randomUUID } from 'node:crypto';
import { createCall, pause } from '@org/context';
import type { Logger } from '@org/logging';
import {
  createBackoff,
  failureHeaders,
  type Delivery,
  type Outcome,
  type Running,
  type Subscription,
} from '@org/messaging';
import { exchanges, subscriptionDeclarations } from './declarations.ts';
import { declareAll } from './declare.ts';
import type { Link } from './link.ts';
import { deadQueue, rungQueue, rungsOf } from './names.ts';
import { factsOf, fromMessage, type Facts } from './properties.ts';
import type { Publisher } from './publisher.ts';
import { countReady } from './queue.ts';
import { openSupply, type Taken } from './supply.ts';

export interface Parts {
  readonly link: Link;
  readonly publisher: Publisher;
  readonly logger: Logger;
  readonly queueLimit: number | undefined;
  readonly timeoutMs: number;
}

/** Takes the messages of a subscription, and carries out what is decided about each. */
export async function openSubscription(
  { link, publisher, logger, queueLimit, timeoutMs }: Parts,
  subscription: Subscription,
  deliver: (delivery: Delivery) => Promise<Outcome>,
): Promise<Running> {
  const { name, ordered, prefetch } = subscription;
  const declarations = [...exchanges, ...subscriptionDeclarations(subscription, queueLimit)];
  const abandoning = new AbortController();
  const moves = createCall({ requestId: name, signal: abandoning.signal });
  let stopped = false;

  /** Puts a copy elsewhere and, when the broker has that safely, takes the message away: at any time it is there once at least. */
  async function move(taken: Taken, queue: string, facts: Facts): Promise<void> {
    const { message, gone } = taken;
    const wire = fromMessage(message);
    let told = false;
    using ended = createCall({ parent: moves, signal: gone });
    const backoff = createBackoff(100, 5_000);
    for (;;) {
      // Whoever has lost the message leaves it to the broker, which delivers it again.
      if (ended.signal.aborted) return;
      try {
        await publisher.move(queue, wire, facts, ended.signal);
        break;
      } catch (error) {
        if (ended.signal.aborted) return;
        if (reasonOf(error) === 'PAYLOAD_TOO_LARGE') return moveAsItIs(taken, queue, error);
        if (!told) logger.warn({ queue, message_id: facts.id, err: error }, 'A message cannot be moved for now');
        told = true;
        if (reasonOf(error) === 'MESSAGE_UNROUTABLE') await mend();
        await pause(backoff.next(), ended.signal);
      }
    }
    acknowledge(taken);
  }
  /** What leaves no room for anything beside it goes back, or to the dead letters, by the hand of the broker. */
  function moveAsItIs({ message, channel }: Taken, queue: string, error: unknown): void {
    const requeue = queue === name;
    if (!requeue) logger.warn({ queue, err: error }, 'A message is set aside without what is said of its failure');
    channel.basicNack({ deliveryTag: message.deliveryTag, requeue });
  }
  /** Makes again what somebody has deleted. */
  async function mend(): Promise<void> {
    const channel = await link.session?.acquire();
    if (!channel) return;
    await declareAll(channel, declarations, `subscribe to \`${name}\``).catch((error: unknown) => {
      logger.error({ queue: name, err: error }, 'What a subscription needs cannot be made');
    });
    await channel.close();
  }
  async function handle(taken: Taken): Promise<void> {
    const { message, channel } = taken;
    const { id = randomUUID(), attempt, firstAt } = factsOf(message);
    const outcome = await deliver({ wire: fromMessage(message), id, attempt, firstAt });
    if (!channel.active) return;
    if (outcome.kind === 'acknowledge') return acknowledge(taken);
    if (outcome.kind === 'dead-letter') {
      return move(taken, deadQueue(name), { id, headers: failureHeaders(outcome.failure) });
    }
    const rung = outcome.delayMs === 0 ? undefined : rungFor(subscription, outcome.delayMs);
    if (rung !== undefined) return move(taken, rungQueue(name, rung), { id, attempts: attempt, firstAt });
    // What is held goes back with all the rest, when its consumer leaves.
    if (!(ordered && stopped)) channel.basicNack({ deliveryTag: message.deliveryTag, requeue: true });
  }
  /** Gives back what was taken and not handed over. The broker would count that as an attempt, so that a copy goes back. */
  async function giveBack(taken: Taken): Promise<void> {
    const { id, attempt, firstAt } = factsOf(taken.message);
    await move(taken, name, { id, attempts: attempt - 1, ...(attempt > 1 && { firstAt }) });
  }

  const supply = await openSupply({
    link,
    logger,
    queue: name,
    declarations,
    prefetch,
    keepsOrder: ordered,
    timeoutMs,
    handle,
    ...(!ordered && { giveBack }),
  });
  return {
    lag: (signal) => countReady(link, name, signal),
    async stop(signal) {
      stopped = true;
      await supply.stop(signal);
      abandoning.abort();
    },
  };
}

function reasonOf(error: unknown): unknown {
  return (error as { reason?: unknown }).reason;
}

function acknowledge({ message: { deliveryTag }, channel, session }: Taken): void {
  if (!channel.active) return;
  session.batch();
  channel.basicAck({ deliveryTag });
}

/** The rung of a delay. One that is no longer there is the next longer one's, else the longest one's. */
function rungFor(subscription: Subscription, delayMs: number): number | undefined {
  const rungs = rungsOf(subscription);
  return rungs.find((rung) => rung >= delayMs) ?? rungs.at(-1);
}
