import {
  failureFrom,
  withoutFailure,
  type DeadLetter,
  type DeadLetterStore,
  type Selection,
  type Subscription,
} from '@org/messaging';
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import type { Link } from './link.ts';
import { deadQueue } from './names.ts';
import { factsOf, fromMessage } from './properties.ts';
import type { Publisher } from './publisher.ts';
import { countOn, withChannel } from './queue.ts';

/** Done to one letter; whether it is gone from the dead letters then. */
type Act = (letter: DeadLetter, message: AsyncMessage, channel: Channel) => Promise<void>;

/**
 * The dead letters of a subscription. Whoever looks takes them one after another, in their order, and gives all back at once
 * by closing the channel: they keep their order, and the queue sets no limit to how often. As long as somebody looks, others
 * do not see what he holds.
 *
 * @param link Where to look.
 * @param inTurn Has those of this process look one after another.
 */
export function rabbitmqDeadLetters(
  { name }: Subscription,
  { link, publisher, inTurn }: { link: () => Promise<Link>; publisher: Publisher; inTurn: InTurn },
): DeadLetterStore {
  const queue = deadQueue(name);
  const doing = `look at the dead letters of \`${name}\``;
  const use = async <Result>(signal: AbortSignal, work: (channel: Channel) => Promise<Result>) => {
    const used = await link();
    return inTurn(queue, signal, () => withChannel(used, { doing, signal }, work));
  };

  /** Visits those that are there when it begins, the oldest first; not those that come back meanwhile. */
  async function visit(channel: Channel, { matches, limit, before }: Selection, signal: AbortSignal, act: Act) {
    const there = await countOn(channel, queue);
    let count = 0;
    for (let seen = 0; seen < there && count < limit; seen += 1) {
      signal.throwIfAborted();
      const message = await channel.basicGet({ queue, noAck: false });
      if (!message) break;
      const letter = letterOf(name, message as unknown as AsyncMessage);
      if (!matches(letter)) continue;
      await before?.(letter);
      signal.throwIfAborted();
      await act(letter, message as unknown as AsyncMessage, channel);
      count += 1;
    }
    return count;
  }
  const settled = ({ deliveryTag }: AsyncMessage, channel: Channel) => channel.basicAck({ deliveryTag });

  return {
    list: (selection, signal) =>
      use(signal, async (channel) => {
        const letters: DeadLetter[] = [];
        await visit(channel, selection, signal, async (letter) => void letters.push(letter));
        return letters;
      }),
    redrive: (selection, signal) =>
      use(signal, (channel) =>
        visit(channel, selection, signal, async ({ wire }, message) => {
          // First there, then gone from here: whatever happens between, it is in one of both.
          await publisher.move(name, wire, { id: factsOf(message).id }, signal);
          settled(message, channel);
        }),
      ),
    remove: (selection, signal) =>
      use(signal, (channel) => visit(channel, selection, signal, async (_, message) => settled(message, channel))),
    size: (signal) =>
      use(signal, async (channel) => {
        const count = await countOn(channel, queue);
        if (count === 0) return { count, oldestAt: undefined };
        const oldest = await channel.basicGet({ queue, noAck: false });
        if (!oldest) return { count, oldestAt: undefined };
        const { lastAt } = letterOf(name, oldest as unknown as AsyncMessage).failure;
        return { count, oldestAt: Date.parse(lastAt) || undefined };
      }),
  };
}

function letterOf(subscription: string, message: AsyncMessage): DeadLetter {
  const { headers, body } = fromMessage(message);
  const failure = failureFrom(headers);
  const known = failure.lastAt !== new Date(0).toISOString();
  const movedAt = new Date((message.timestamp ?? 0) * 1_000).toISOString();
  return {
    id: factsOf(message).id ?? `${message.deliveryTag}`,
    subscription,
    // The broker sets aside what came back unsettled again and again, and says nothing but that.
    failure: known
      ? failure
      : { ...failure, code: 'internal', reason: 'ATTEMPTS_USED_UP', firstAt: movedAt, lastAt: movedAt },
    wire: { headers: withoutFailure(headers), body },
  };
}

/** Has works of one name wait for one another. */
export type InTurn = <Result>(name: string, signal: AbortSignal, work: () => Promise<Result>) => Promise<Result>;

export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (name, signal, work) => {
    const before = last.get(name);
    const mine = (async () => {
      await before;
      signal.throwIfAborted();
      return work();
    })();
    const done = mine.catch(() => undefined);
    last.set(name, done);
    void done.then(() => last.get(name) === done && last.delete(name));
    return mine;
  };
}
