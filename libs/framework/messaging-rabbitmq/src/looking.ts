import { untilAborted } from '@org/context';
import type { Channel } from 'rabbitmq-client';
import type { Link } from './link.ts';
import { within, type Session } from './session.ts';

/**
 * Takes messages to look at them: one look after another, each over the same channel, so that the next one finds what the
 * last one gave back. What a look does not settle goes back when it ends, however it ends.
 */
export type Looking = <Result>(
  doing: string,
  signal: AbortSignal,
  work: (channel: Channel) => Promise<Result>,
) => Promise<Result>;

const closeMs = 1_000;

export function createLooking(link: () => Promise<Link>): Looking {
  let channel: { readonly session: Session; readonly opened: Channel } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const open = async (session: Session) => {
    if (channel?.session !== session || !channel.opened.active) {
      channel = { session, opened: await session.acquire() };
    }
    return channel.opened;
  };
  const look: Looking = async (doing, signal, work) => {
    signal.throwIfAborted();
    const session = await (await link()).usable(doing, signal, ({ lost }) => !lost.aborted);
    const given = AbortSignal.any([signal, session.lost]);
    const used = await untilAborted(given, () => open(session));
    try {
      const result = await untilAborted(given, () => work(used));
      // Nothing is named by 0: all that is not settled.
      used.basicNack({ deliveryTag: 0, multiple: true, requeue: true });
      return result;
    } catch (error) {
      // The work may still be at it; with its channel it ends, and gives back what it has.
      channel = undefined;
      await within(closeMs, used.close()).catch(() => undefined);
      throw error;
    }
  };
  return (doing, signal, work) => {
    const before = last;
    // Whoever gives up waiting for the others does not let the next one in before them.
    const mine = untilAborted(signal, () => before).then(() => look(doing, signal, work));
    last = Promise.allSettled([before, mine]);
    return mine;
  };
}
