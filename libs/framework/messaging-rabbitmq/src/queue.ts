import { untilAborted } from '@org/context';
import type { Channel } from 'rabbitmq-client';
import { isMissing } from './declare.ts';
import type { Link } from './link.ts';
import { within } from './session.ts';

const closeMs = 1_000;

/** Does something over a channel of its own, which closes when something is not there. */
export async function withChannel<Result>(
  link: Link,
  { doing, signal }: { doing: string; signal: AbortSignal },
  work: (channel: Channel) => Promise<Result>,
): Promise<Result> {
  const session = await link.usable(doing, signal, ({ lost }) => !lost.aborted);
  const given = AbortSignal.any([signal, session.lost]);
  session.begin();
  try {
    const channel = await untilAborted(given, () => session.acquire());
    try {
      return await untilAborted(given, () => work(channel));
    } finally {
      await within(closeMs, channel.close()).catch(() => undefined);
    }
  } finally {
    session.finish();
  }
}

/** How many messages of a queue wait to be delivered; none where there is no queue. */
export function countReady(link: Link, queue: string, signal: AbortSignal): Promise<number> {
  return withChannel(link, { doing: `look at \`${queue}\``, signal }, (channel) => countOn(channel, queue));
}

/** Closes the channel where there is no queue. */
export async function countOn(channel: Channel, queue: string): Promise<number> {
  try {
    return (await channel.queueDeclare({ queue, passive: true })).messageCount;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}
