import { untilAborted } from '@org/context';
import {
  brokerFull,
  noResponder,
  publishUnconfirmed,
  type OutgoingMessage,
  type Responding,
  type Running,
  type Transport,
} from '@org/messaging';
import type { ReceivedMessage, WireMessage } from '@org/payload';
import type { AsyncMessage, Channel, ReturnedMessage } from 'rabbitmq-client';
import { queryDeclaration } from './declarations.ts';
import type { Link } from './link.ts';
import { queryQueue, routeOf } from './names.ts';
import { fromMessage, toEnvelope } from './properties.ts';
import { countReady } from './queue.ts';
import type { Session } from './session.ts';
import type { Parts } from './subscribe.ts';
import { openSupply, type Taken } from './supply.ts';

/** Who waits for a reply. */
interface Asking {
  readonly resolve: (reply: ReceivedMessage) => void;
  readonly reject: (error: Error) => void;
}

/** The channel by which queries go and, only over the same one, their replies come. */
interface AskChannel {
  readonly channel: Channel;
  readonly asking: Map<string, Asking>;
}

/** The pseudo-queue of direct replies: no queue is made, nothing is stored. */
const replyQueue = 'amq.rabbitmq.reply-to';
const timeoutHeader = 'x-request-timeout';

/** Asks queries of whoever answers them. */
export function createRequest(link: Link): (message: OutgoingMessage) => Promise<ReceivedMessage> {
  const channels = new WeakMap<Session, Promise<AskChannel>>();
  let count = 0;
  const channelOf = (session: Session) => {
    const known = channels.get(session);
    if (known) return known;
    const opening = openAskChannel(session, () => channels.delete(session));
    channels.set(session, opening);
    opening.catch(() => channels.delete(session));
    return opening;
  };

  return async ({ type, id, wire, signal }) => {
    const doing = `ask \`${type}\``;
    const envelope = toEnvelope(wire, { id }, doing);
    const session = await link.usable(doing, signal, ({ blocked }) => blocked === undefined);
    const correlationId = String((count += 1));
    const expiration = wire.headers[timeoutHeader];
    const given = AbortSignal.any([signal, session.lost]);
    let asking: AskChannel['asking'] | undefined;
    session.begin();
    try {
      const opened = await untilAborted(given, () => channelOf(session));
      const { channel } = opened;
      asking = opened.asking;
      return await untilAborted(signal, async () => {
        const replied = new Promise<ReceivedMessage>((resolve, reject) =>
          opened.asking.set(correlationId, { resolve, reject }),
        );
        replied.catch(() => undefined);
        const body = Buffer.from(wire.body.buffer, wire.body.byteOffset, wire.body.byteLength);
        const sent = { ...envelope, ...routeOf('query', type), correlationId, replyTo: replyQueue, durable: false };
        await channel
          .basicPublish({ ...sent, ...(expiration !== undefined && { expiration }) }, body)
          .catch((cause) => {
            throw notSent(doing, cause as Error);
          });
        return replied;
      });
    } finally {
      asking?.delete(correlationId);
      session.finish();
    }
  };
}

async function openAskChannel(session: Session, onClose: () => void): Promise<AskChannel> {
  const channel = await session.acquire();
  const asking = new Map<string, Asking>();
  channel.once('close', () => {
    onClose();
    const why = 'the connection to RabbitMQ was lost before the reply came. It may have been worked on';
    for (const { reject } of asking.values()) reject(publishUnconfirmed({ doing: 'ask', why }));
  });
  channel.on('basic.return', ({ correlationId, routingKey }: ReturnedMessage) => {
    asking.get(correlationId!)?.reject(noResponder(routingKey.slice(queryQueue('').length)));
  });
  await channel.confirmSelect();
  await channel.basicConsume({ queue: replyQueue, noAck: true }, (message: AsyncMessage) => {
    asking.get(message.correlationId!)?.resolve(fromMessage(message));
  });
  return { channel, asking };
}

function notSent(doing: string, cause: Error & { code?: unknown }): Error {
  if (cause.code === 'NACK') {
    return brokerFull({ doing, why: 'too many queries wait for those who answer it', cause });
  }
  return publishUnconfirmed({ doing, why: 'the connection to RabbitMQ was lost', cause });
}

/** Answers queries until it is stopped. */
export async function openResponder(
  { link, publisher, logger, timeoutMs }: Parts,
  { type, concurrency }: Responding,
  handle: Parameters<Transport['respond']>[1],
): Promise<Running> {
  const queue = queryQueue(type);
  const abandoning = new AbortController();
  // Nobody learns here that an asker is gone.
  const { signal: never } = new AbortController();
  const answer = async ({ message, channel }: Taken) => {
    const reply: WireMessage = await handle(fromMessage(message), never);
    const { replyTo, correlationId, deliveryTag } = message;
    if (replyTo !== undefined) {
      await publisher.reply({ replyTo, correlationId }, reply, abandoning.signal).catch((error: unknown) => {
        if (!abandoning.signal.aborted) logger.warn({ message_type: type, err: error }, 'A reply could not be sent');
      });
    }
    if (channel.active) channel.basicAck({ deliveryTag });
  };
  const supply = await openSupply({
    link,
    logger,
    queue,
    declarations: [queryDeclaration(type)],
    prefetch: concurrency,
    keepsOrder: false,
    timeoutMs,
    handle: answer,
    // The queue goes with its last consumer: what came is answered.
    giveBack: answer,
  });
  return {
    lag: (signal) => countReady(link, queue, signal),
    async stop(signal) {
      await supply.stop(signal);
      abandoning.abort();
    },
  };
}
