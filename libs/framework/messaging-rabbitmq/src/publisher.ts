import { untilAborted } from '@org/context';
import {
  brokerFull,
  brokerUnavailable,
  messageUnroutable,
  publishUnconfirmed,
  type OutgoingMessage,
} from '@org/messaging';
import type { WireMessage, ReceivedMessage } from '@org/payload';
import type { Channel, Envelope, ReturnedMessage } from 'rabbitmq-client';
import { exchanges } from './declarations.ts';
import { declareAll } from './declare.ts';
import type { Link } from './link.ts';
import { routeOf, type Route } from './names.ts';
import { toEnvelope, type Facts } from './properties.ts';
import type { Session } from './session.ts';

/** A channel on which everything is confirmed, and what came back over it. */
export interface ConfirmChannel {
  readonly channel: Channel;
  /** How many messages came back and were not accounted for, by `keyOf`. */
  readonly returned: Map<string, number>;
}

/** How messages leave: each safely stored before it counts as sent. */
export interface Publisher {
  /** What each connection needs before messages go over it. */
  prepare(session: Session): Promise<void>;
  publish(message: OutgoingMessage): Promise<void>;
  /**
   * Puts a message into one queue.
   *
   * @throws {ServiceError} as `publish` does; `messageUnroutable` when there is no such queue.
   */
  move(queue: string, wire: WireMessage | ReceivedMessage, facts: Facts, signal: AbortSignal): Promise<void>;
  /** Sends the reply to a query; that its asker is gone is nobody's fault. */
  reply(
    to: { replyTo: string; correlationId: string | undefined },
    wire: WireMessage,
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * How many messages may be with the client without being confirmed, also when nobody waits for them any more: a
 * connection that hangs fills no memory.
 */
const mostUnconfirmed = 4_096;

/** @param link Gives the link over which messages go, which is opened with `prepare`. */
export function createPublisher(link: () => Link): Publisher {
  const channels = new WeakMap<Session, ConfirmChannel>();
  const nextTurn = createNextTurn();
  let unconfirmed = 0;
  const takesMore = (session: Session) =>
    session.blocked === undefined && unconfirmed < mostUnconfirmed && channels.get(session)!.channel.active;
  const confirmedOne = (session: Session) => {
    session.finish();
    unconfirmed -= 1;
    if (unconfirmed === mostUnconfirmed - 1) link().changed();
  };

  async function send(route: Route, envelope: Envelope, body: Uint8Array, doing: string, signal: AbortSignal) {
    if (signal.aborted) {
      throw brokerUnavailable({ doing, why: 'whoever publishes does not wait any more', cause: signal.reason });
    }
    const { session: current } = link();
    const session = current && takesMore(current) ? current : await link().usable(doing, signal, takesMore);
    const { channel, returned } = channels.get(session)!;
    unconfirmed += 1;
    session.begin();
    session.batch();
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const confirmed = channel.basicPublish({ ...envelope, ...route }, bytes);
    const over = () => confirmedOne(session);
    confirmed.then(over, over);
    await untilConfirmed(confirmed, signal, doing);
    if (!envelope.mandatory) return 'routed';
    // The client tells of what came back one turn after it was confirmed.
    await nextTurn();
    if (returned.size === 0) return 'routed';
    const key = keyOf({ ...route, ...envelope });
    const count = returned.get(key);
    if (count === undefined) return 'routed';
    if (count > 1) returned.set(key, count - 1);
    else returned.delete(key);
    return 'returned';
  }

  return {
    async prepare(session) {
      const channel = await session.acquire();
      await declareAll(channel, exchanges, 'use the exchanges');
      await channel.confirmSelect();
      const returned = new Map<string, number>();
      channel.on('basic.return', (message: ReturnedMessage) => {
        const key = keyOf(message);
        returned.set(key, (returned.get(key) ?? 0) + 1);
      });
      // Whatever closed it, an exchange that was deleted say: what is made with a connection is made again with the next.
      let lastError: Error | undefined;
      channel.on('error', (error: Error) => (lastError = error));
      channel.once('close', () => {
        setImmediate(() => session.destroy(lastError ?? new Error('the channel for publishing was closed')));
      });
      channels.set(session, { channel, returned });
    },
    async publish({ kind, type, id, wire, unrouted, onUnrouted, signal }) {
      const doing = `publish \`${type}\``;
      const envelope = toEnvelope(wire, { id }, doing);
      const outcome = await send(routeOf(kind, type), envelope, wire.body, doing, signal);
      if (outcome === 'routed') return;
      if (unrouted === 'refuse') throw messageUnroutable(type);
      onUnrouted?.();
    },
    async move(queue, wire, facts, signal) {
      const doing = `move a message to \`${queue}\``;
      const envelope = toEnvelope(wire, facts, doing);
      const outcome = await send({ exchange: '', routingKey: queue }, envelope, wire.body, doing, signal);
      if (outcome === 'returned') throw messageUnroutable(queue);
    },
    async reply({ replyTo, correlationId }, wire, signal) {
      const doing = 'reply to a query';
      const envelope = { ...toEnvelope(wire, { id: undefined }, doing), mandatory: false, correlationId };
      // Whoever waits for it has a queue that only seems to be one: nothing there is ever routed.
      await send({ exchange: '', routingKey: replyTo }, envelope, wire.body, doing, signal);
    },
  };
}

/** Waits for the next turn of the event loop, together with whoever else waits for it. */
function createNextTurn(): () => Promise<void> {
  let next: Promise<void> | undefined;
  return () =>
    (next ??= new Promise((resolve) => {
      setImmediate(() => {
        next = undefined;
        resolve();
      });
    }));
}

/** Messages of one key that are under way at a time have the same fate. */
function keyOf({ exchange, routingKey, messageId }: Envelope): string {
  return `${exchange} ${routingKey} ${messageId}`;
}

/** Waits for the broker's word; whatever else ends the wait leaves open whether it has the message. */
async function untilConfirmed(confirmed: Promise<void>, signal: AbortSignal, doing: string): Promise<void> {
  try {
    await untilAborted(signal, () => confirmed);
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'NACK') {
      throw brokerFull({ doing, why: 'a queue of it is full, and takes no more. See why it is not consumed', cause });
    }
    const why = 'RabbitMQ did not confirm it. It may have it: sending it again may deliver it twice';
    throw publishUnconfirmed({ doing, why, cause });
  }
}
