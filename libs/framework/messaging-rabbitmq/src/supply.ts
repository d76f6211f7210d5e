import { setImmediate as untilNextTurn } from 'node:timers/promises';
import { pause, untilAborted } from '@org/context';
import type { Logger } from '@org/logging';
import { createBackoff } from '@org/messaging';
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import type { Declaration } from './declarations.ts';
import { declareAll, isMissing } from './declare.ts';
import type { Link } from './link.ts';
import { within, type Session } from './session.ts';

/** A message that was taken from a queue, and is settled over the channel by which it came, or goes back with it. */
export interface Taken {
  readonly message: AsyncMessage;
  readonly channel: Channel;
  /** Aborts when that channel is closed. */
  readonly gone: AbortSignal;
  readonly session: Session;
}

export interface SupplyOptions {
  readonly link: Link;
  readonly logger: Logger;
  readonly queue: string;
  /** Made anew with each connection, and when the queue is deleted. */
  readonly declarations: readonly Declaration[];
  readonly prefetch: number;
  /**
   * What was taken goes back all at once, when nothing of it is at work any more: the next consumer gets it in its order.
   */
  readonly keepsOrder: boolean;
  /** How long the first time may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Works on a message and settles it. Never rejects. */
  readonly handle: (taken: Taken) => Promise<void>;
  /** What becomes of messages that came while it was being stopped. Never rejects. Default: they go back. */
  readonly giveBack?: (taken: Taken) => Promise<void>;
}

/** Messages of a queue, as long as it is not stopped: over new connections, and when the queue was deleted. */
export interface Supply {
  stop(signal: AbortSignal): Promise<void>;
}

interface Attachment {
  readonly session: Session;
  readonly channel: Channel;
  readonly consumerTag: string;
  /** Resolves when nothing more comes over it, or another connection has taken its place. */
  readonly ended: Promise<unknown>;
}

const [firstDelayMs, closeMs, settleMs] = [100, 1_000, 20];
/** How many messages are begun in one turn: the first are acknowledged, and others on their way, before the last begin. */
const mostBegun = 16;

/**
 * Begins to take messages.
 *
 * @throws {ServiceError} failed_precondition, TOPOLOGY_CONFLICT; unavailable when that is not done in time.
 */
export async function openSupply(options: SupplyOptions): Promise<Supply> {
  const { link, logger, queue, declarations, prefetch, keepsOrder, handle } = options;
  const doing = `subscribe to \`${queue}\``;
  const stopping = new AbortController();
  /** What is worked on, by the channels over which it is settled. */
  const atWork = new Map<Promise<void>, Channel>();
  const retiring = new Set<Promise<void>>();
  let waiting: Taken[] = [];
  let attachment: Attachment | undefined;

  let begun = 0;
  const next = () => {
    // After a new connection, what is still at work from the last one counts.
    while (waiting.length > 0 && atWork.size < prefetch && begun < mostBegun && !stopping.signal.aborted) {
      begun += 1;
      if (begun === 1) setImmediate(nextTurn);
      work(waiting.shift()!, handle);
    }
  };
  const nextTurn = () => {
    begun = 0;
    next();
  };
  const work = (taken: Taken, how: (taken: Taken) => Promise<void>) => {
    const working = how(taken).finally(() => {
      atWork.delete(working);
      next();
    });
    atWork.set(working, taken.channel);
  };
  const attach = async (session: Session): Promise<Attachment> => {
    let channel: Channel | undefined;
    const leaving = new AbortController();
    session.begin();
    try {
      const opened = (channel = await session.acquire());
      channel.once('close', () => leaving.abort(new Error('the channel was closed')));
      await declareAll(channel, declarations, doing);
      await channel.basicQos({ prefetchCount: Math.min(prefetch, 65_535) });
      const { consumerTag } = await channel.basicConsume({ queue }, (message) => {
        waiting.push({ message, channel: opened, gone: leaving.signal, session });
        next();
      });
      return { session, channel, consumerTag, ended: endOf(channel, session) };
    } catch (error) {
      void channel?.close();
      session.finish();
      throw error;
    }
  };
  const attachWithin = async (signal: AbortSignal): Promise<Attachment> => {
    const session = await link.usable(doing, signal, isOpen);
    return untilAborted(AbortSignal.any([signal, session.lost]), () => attach(session));
  };
  const leave = async ({ channel, session }: Attachment) => {
    // What nobody works on yet cannot be settled any more; the broker gives it to somebody.
    waiting = waiting.filter((taken) => taken.channel !== channel);
    await within(closeMs, channel.close()).catch(() => undefined);
    session.finish();
  };
  /** Takes nothing more, and leaves when what was taken is settled. */
  const retire = async (last: Attachment) => {
    // Nobody waits for it: a busy broker is given time, since what is at work comes again when the channel is closed instead.
    await cancel(last, last.session.lost, options.timeoutMs);
    await untilAborted(last.session.lost, async () => {
      for (;;) {
        const left = [...atWork].filter(([, channel]) => channel === last.channel).map(([working]) => working);
        const isWaiting = !stopping.signal.aborted && waiting.some(({ channel }) => channel === last.channel);
        if (left.length === 0 && !isWaiting) return;
        await Promise.race(left.length > 0 ? left : [pause(settleMs, stopping.signal)]);
      }
    }).catch(() => undefined);
    await leave(last);
  };
  const move = async (last: Attachment) => {
    const retired = () => {
      const leaving = retire(last).finally(() => retiring.delete(leaving));
      retiring.add(leaving);
      return leaving;
    };
    if (keepsOrder) {
      attachment = undefined;
      await retired();
    } else {
      // The next one first: a queue may go with its last consumer.
      attachment = await attachWithin(AbortSignal.any([stopping.signal, AbortSignal.timeout(options.timeoutMs)]));
      void retired();
    }
  };

  async function goOn(): Promise<void> {
    const backoff = createBackoff(firstDelayMs, 5_000);
    let told: string | undefined;
    while (!stopping.signal.aborted && !link.closed.aborted) {
      try {
        if (!attachment) {
          attachment = await attachWithin(AbortSignal.any([stopping.signal, AbortSignal.timeout(options.timeoutMs)]));
          logger.info({ queue }, 'Messages are taken again');
        }
        if (!isMoved(attachment)) {
          backoff.reset();
          told = undefined;
        }
        await untilAborted(stopping.signal, () => attachment!.ended);
        const ended = attachment;
        if (isMoved(ended)) {
          await move(ended);
          continue;
        }
        attachment = undefined;
        await leave(ended);
      } catch (error) {
        if (stopping.signal.aborted || link.closed.aborted) return;
        const { message } = error as Error;
        if (message !== told && link.session) logger.warn({ queue, err: error }, 'Messages cannot be taken for now');
        told = message;
      }
      await pause(backoff.next(), stopping.signal);
    }
  }

  attachment = await attachFirst(attachWithin, options.timeoutMs);
  const going = goOn();
  return {
    async stop(signal) {
      const last = attachment;
      stopping.abort();
      // One that gives back what it had while it is still the consumer would get it again.
      if (last && !keepsOrder) await cancel(last, signal);
      await untilAborted(signal, async () => {
        const { giveBack } = options;
        if (giveBack) for (const taken of waiting.splice(0)) work(taken, giveBack);
        while (atWork.size > 0) await Promise.all(atWork.keys());
      }).catch(() => undefined);
      await going;
      await Promise.all(retiring);
      if (attachment) await leave(attachment);
    },
  };
}

/** The first time, tried again as long as it is the connection that fails. */
async function attachFirst(
  attach: (signal: AbortSignal) => Promise<Attachment>,
  timeoutMs: number,
): Promise<Attachment> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (;;) {
    try {
      return await attach(signal);
    } catch (error) {
      const { code, name } = error as Error & { code?: string };
      const passing = name !== 'ServiceError' && (code === undefined || isPassing(code));
      if (!passing || signal.aborted) throw error;
      await pause(firstDelayMs, signal);
    }
  }
}

const isOpen = ({ lost }: Session) => !lost.aborted;
/** Whether its connection is as good as before, and another one is in its place. */
const isMoved = ({ session, channel }: Attachment) =>
  session.retired.aborted && !session.lost.aborted && channel.active;
const isPassing = (code: string) =>
  /^(?:CH_CLOSE|CLOSING|CONN_CLOSE|E[A-Z]+|INTERNAL_ERROR|NOT_FOUND|TIMEOUT)$/.test(code);

/** Resolves when the channel is closed, the connection lost or replaced, or the queue deleted. */
function endOf(channel: Channel, session: Session): Promise<unknown> {
  return new Promise((resolve) => {
    channel.once('close', resolve);
    channel.once('basic.cancel', resolve);
    session.lost.addEventListener('abort', resolve, { once: true });
    session.retired.addEventListener('abort', resolve, { once: true });
    if (!channel.active || session.lost.aborted || session.retired.aborted) resolve(undefined);
  });
}

/** Has nothing more sent. Whatever was sent before is there when it resolves. */
async function cancel({ channel, consumerTag }: Attachment, signal: AbortSignal, timeoutMs = closeMs): Promise<void> {
  if (!channel.active) return;
  await untilAborted(signal, () => within(timeoutMs, channel.basicCancel({ consumerTag }))).catch((error: unknown) => {
    if (!isMissing(error)) void channel.close();
  });
  // The client hands a message over one turn after it came.
  await untilNextTurn();
}
