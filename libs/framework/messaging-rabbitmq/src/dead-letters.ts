import { createHash } from 'node:crypto';
import {
  failureFrom,
  withoutFailure,
  type DeadLetter,
  type DeadLetterStore,
  type Failure,
  type Selection,
  type Subscription,
} from '@org/messaging';
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import { isMissing } from './declare.ts';
import type { Looking } from './looking.ts';
import { deadQueue } from './names.ts';
import { factsOf, fromMessage } from './properties.ts';
import type { Publisher } from './publisher.ts';
import { countOn } from './queue.ts';

/** Done to one letter. */
type Act = (letter: DeadLetter, message: AsyncMessage, channel: Channel) => Promise<void>;

/**
 * The dead letters of a subscription. Whoever looks takes them one after another, in their order, and gives all back at
 * once: they keep their order, and the queue sets no limit to how often. While somebody looks, what he holds is hidden from
 * other processes.
 */
export function rabbitmqDeadLetters(
  { name }: Subscription,
  { looking, publisher }: { looking: Looking; publisher: Publisher },
): DeadLetterStore {
  const queue = deadQueue(name);
  const look = async <Result>(none: Result, signal: AbortSignal, work: (channel: Channel) => Promise<Result>) => {
    try {
      return await looking(`look at the dead letters of \`${name}\``, signal, work);
    } catch (error) {
      if (isMissing(error)) return none;
      throw error;
    }
  };
  const get = async (channel: Channel) => (await channel.basicGet({ queue, noAck: false })) as AsyncMessage | undefined;

  /** Visits those that are there when it begins, the oldest first; not those that come back meanwhile. */
  async function visit(channel: Channel, selection: Selection, signal: AbortSignal, act: Act) {
    const { limit } = selection;
    let message = limit > 0 ? await get(channel) : undefined;
    // Counted after the first was taken: what was given back before is counted then.
    const others = message ? await countOn(channel, queue) : 0;
    let count = 0;
    for (let seen = 0; message; seen += 1) {
      const letter = letterOf(name, message);
      if (selection.matches(letter)) {
        await selection.before?.(letter);
        signal.throwIfAborted();
        await act(letter, message, channel);
        count += 1;
      }
      message = count < limit && seen < others ? await get(channel) : undefined;
    }
    return count;
  }
  const takeAway = ({ deliveryTag }: AsyncMessage, channel: Channel) => channel.basicAck({ deliveryTag });

  return {
    list: (selection, signal) =>
      look<DeadLetter[]>([], signal, async (channel) => {
        const letters: DeadLetter[] = [];
        await visit(channel, selection, signal, async (letter) => void letters.push(letter));
        return letters;
      }),
    redrive: (selection, signal) =>
      look(0, signal, (channel) =>
        visit(channel, selection, signal, async ({ wire }, message) => {
          // First there, then gone from here: whatever happens between, it is in one of both.
          await publisher.move(name, wire, { id: factsOf(message).id }, signal);
          takeAway(message, channel);
        }),
      ),
    remove: (selection, signal) =>
      look(0, signal, (channel) => visit(channel, selection, signal, async (_, message) => takeAway(message, channel))),
    size: (signal) =>
      look<Awaited<ReturnType<DeadLetterStore['size']>>>({ count: 0, oldestAt: undefined }, signal, async (channel) => {
        const oldest = await get(channel);
        if (!oldest) return { count: 0, oldestAt: undefined };
        const oldestAt = Date.parse(letterOf(name, oldest).failure.lastAt) || undefined;
        return { count: (await countOn(channel, queue)) + 1, oldestAt };
      }),
  };
}

/** What nobody has named is known by what it holds: its place changes. */
function contentId(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32);
}

/** What the broker sets aside itself, by the reason that it gives. */
const whyMoved: Readonly<Record<string, Partial<Failure>>> = {
  delivery_limit: { code: 'internal', reason: 'ATTEMPTS_USED_UP' },
  rejected: { message: 'Its headers leave no room for what is said of its failure. See the log' },
};

function movedByBroker({ headers = {} }: AsyncMessage): Partial<Failure> {
  const deaths: unknown = headers['x-death'];
  const death = (Array.isArray(deaths) ? deaths[0] : undefined) as { reason?: string; time?: number } | undefined;
  const movedAt = new Date((death?.time ?? 0) * 1_000).toISOString();
  return { firstAt: movedAt, lastAt: movedAt, ...whyMoved[death?.reason ?? ''] };
}

function letterOf(subscription: string, message: AsyncMessage): DeadLetter {
  const { headers, body } = fromMessage(message);
  const written = failureFrom(headers);
  const isWritten = Date.parse(written.lastAt) > 0;
  return {
    id: factsOf(message).id ?? contentId(body),
    subscription,
    failure: isWritten ? written : { ...written, ...movedByBroker(message) },
    wire: { headers: withoutFailure(headers), body },
  };
}
