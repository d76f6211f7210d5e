import { untilAborted } from '@org/context';
import { ServiceError } from '@org/errors';
import { brokerUnavailable } from '@org/messaging';
import { AMQPConnectionError, type Channel } from 'rabbitmq-client';
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
    let used: Channel | undefined;
    session.begin();
    try {
      const opened = (used = await untilAborted(given, () => open(session)));
      const result = await untilAborted(given, () => work(opened));
      // Nothing is named by 0: all that is not settled.
      opened.basicNack({ deliveryTag: 0, multiple: true, requeue: true });
      return result;
    } catch (error) {
      // The work may still be at it; with its channel it ends, and gives back what it has.
      channel = undefined;
      if (used) await within(closeMs, used.close()).catch(() => undefined);
      // The client may say so before the session does.
      const isLost = error === session.lost.reason || error instanceof AMQPConnectionError;
      throw isLost ? unanswered(doing, 'the connection to RabbitMQ was lost', error) : error;
    } finally {
      session.finish();
    }
  };
  return (doing, signal, work) => {
    const before = last;
    // Whoever gives up waiting for the others does not let the next one in before them.
    const mine = untilAborted(signal, () => before).then(() => look(doing, signal, work));
    last = Promise.allSettled([before, mine]);
    return mine.catch((error: unknown) => {
      throw error === signal.reason ? unanswered(doing, 'RabbitMQ did not answer in time', error) : error;
    });
  };
}

function unanswered(doing: string, why: string, cause: unknown): unknown {
  return cause instanceof ServiceError ? cause : brokerUnavailable({ doing, why, cause });
}
