import type { Msg, NatsConnection, Subscription as Subscribed } from '@nats-io/transport-node';
import { runOutsideCalls } from '@org/context';
import {
  brokerFull,
  brokerUnavailable,
  noResponder,
  publishUnconfirmed,
  type OutgoingMessage,
  type Responding,
  type Running,
  type Transport,
} from '@org/messaging';
import type { ReceivedMessage, WireMessage } from '@org/payload';
import { flush } from './flush.ts';
import { fromNatsHeaders, toNatsHeaders } from './headers.ts';
import type { Link } from './link.ts';
import { subjectOf } from './names.ts';
import type { Ask } from './replies.ts';
import { settledOr } from './until.ts';

/** All who answer a type share its queries. */
const queueGroup = 'answers';
/** Says that a responder has as much to do as it takes on. */
const busyHeader = 'answers-busy';
/** How many queries may wait for each that is being answered. */
const waitingPerPlace = 10;
/** How long what is on its way to a responder may take when it stops. */
const drainMs = 2_000;

/** Asks those who answer the type. */
export async function ask(link: Link, asking: Ask, message: OutgoingMessage): Promise<ReceivedMessage> {
  const { type, wire, signal } = message;
  const doing = `ask \`${type}\``;
  const connection = signal.aborted ? undefined : await link.connected(signal);
  if (!connection) {
    const why = link.closed.aborted ? 'the connection was closed' : `the broker at ${link.place()} is away`;
    throw brokerUnavailable({ doing, why, cause: signal.reason ?? link.why() });
  }
  const headers = toNatsHeaders(wire.headers);
  const reply = await asking(connection, { subject: subjectOf('query', type), payload: wire.body, headers, signal });
  if (reply.kind === 'aborted') throw signal.reason;
  if (reply.kind === 'lost') throw publishUnconfirmed({ doing, why: 'the connection was lost before its answer came' });
  if (reply.message.headers?.code === 503) throw noResponder(type);
  if (reply.message.headers?.has(busyHeader)) {
    throw brokerFull({ doing, why: 'who got it has as much to do as it takes on' });
  }
  return { headers: fromNatsHeaders(reply.message), body: reply.message.data };
}

/** Answers queries over each connection that follows, until it is stopped; resolves when the server knows of it. */
export async function answerFrom(
  link: Link,
  { type, concurrency }: Responding,
  handle: Parameters<Transport['respond']>[1],
): Promise<Running> {
  const gone = new AbortController();
  const running = new Set<Promise<void>>();
  const waiting: { message: Msg; connection: NatsConnection }[] = [];
  let subscribed: Subscribed | undefined;

  const take = (connection: NatsConnection, message: Msg) => {
    if (!message.reply) return;
    if (running.size < concurrency) return start(connection, message);
    if (waiting.length < concurrency * waitingPerPlace) waiting.push({ message, connection });
    else respond(connection, message, { headers: { [busyHeader]: 'true' }, body: new Uint8Array() });
  };
  const start = (connection: NatsConnection, message: Msg) => {
    const wire = { headers: fromNatsHeaders(message), body: message.data };
    const answering: Promise<void> = runOutsideCalls(() => handle(wire, gone.signal))
      .then((answer) => respond(connection, message, answer))
      .finally(() => {
        running.delete(answering);
        const next = waiting.shift();
        if (next) start(next.connection, next.message);
      });
    running.add(answering);
  };
  const forget = link.onConnect((connection) => {
    subscribed = connection.subscribe(subjectOf('query', type), {
      queue: queueGroup,
      callback: (error, message) => {
        if (!error) take(connection, message);
      },
    });
  });
  const untilIdle = async () => {
    while (running.size > 0) await Promise.allSettled(running);
  };

  await flush(link);
  return {
    async stop(signal) {
      forget();
      const late = AbortSignal.any([signal, AbortSignal.timeout(drainMs)]);
      if (subscribed && !subscribed.isClosed() && link.current()) await settledOr(late, subscribed.drain());
      await settledOr(signal, untilIdle());
      waiting.length = 0;
    },
    lag: async () => waiting.length,
  };
}

function respond(connection: NatsConnection, { reply }: Msg, { headers, body }: WireMessage): void {
  // Whoever asked over a connection that is gone has heard of it.
  if (!reply || connection.isClosed()) return;
  connection.publish(reply, body, { headers: toNatsHeaders(headers) });
}
