import { brokerUnavailable, messageUnroutable, type Transport, type TransportOptions } from '@org/messaging';
import { managerFor } from './api.ts';
import { deadLettersOf } from './dead-letters.ts';
import { natsFeatures } from './features.ts';
import { duplicateIdHeader } from './headers.ts';
import { openLink } from './link.ts';
import { streamOf, subjectOf } from './names.ts';
import { createStore } from './publish.ts';
import { answerFrom, ask } from './queries.ts';
import { createAsk } from './replies.ts';
import { subscribe, type Subscribed } from './subscribe.ts';
import { replicasOf } from './target.ts';
import { compareTopology } from './topology.ts';
import { settledOr } from './until.ts';

/** How long it may take to give back what is not settled. */
const abandonMs = 2_000;

/** Connects to a server, and is what the core takes for a broker. */
export async function openNatsTransport(options: TransportOptions): Promise<Transport> {
  const { logger, queueLimit } = options;
  const rules = { replicas: replicasOf(options), queueLimit };
  const link = await openLink(options);
  const asking = createAsk();
  const store = createStore(link, asking);
  const subscribed = new Set<Subscribed>();
  let closing: Promise<void> | undefined;

  const close = async () => {
    await settledOr(AbortSignal.timeout(abandonMs), Promise.all([...subscribed].map((each) => each.abandon())));
    await link[Symbol.asyncDispose]();
  };
  const assertOpen = (doing: string) => {
    if (closing) throw brokerUnavailable({ doing, why: 'the connection was closed' });
  };

  return {
    features: natsFeatures,
    async publish({ kind, type, id, wire, unrouted, onUnrouted, signal }) {
      assertOpen(`publish \`${type}\``);
      const stored = await store({
        name: type,
        stream: streamOf(kind === 'command' ? 'command' : 'event', type),
        subject: subjectOf(kind, type),
        headers: { ...wire.headers, [duplicateIdHeader]: id },
        body: wire.body,
        signal,
      });
      if (stored) return;
      if (unrouted === 'refuse') throw messageUnroutable(type);
      onUnrouted?.();
    },
    async subscribe(subscription, deliver) {
      assertOpen(`subscribe to \`${subscription.name}\``);
      const running = await subscribe({ link, logger, store, rules }, subscription, deliver);
      subscribed.add(running);
      return {
        lag: (signal) => running.lag(signal),
        async stop(signal) {
          await running.stop(signal);
          subscribed.delete(running);
        },
      };
    },
    async request(message) {
      assertOpen(`ask \`${message.type}\``);
      return ask(link, asking, message);
    },
    async respond(query, handle) {
      assertOpen(`answer \`${query.type}\``);
      return answerFrom(link, query, handle);
    },
    deadLetters: (subscription) => deadLettersOf(link, store, subscription),
    async topology(wanted, signal) {
      return compareTopology(await managerFor(link, 'compare the topology', signal), wanted, rules);
    },
    async check(signal) {
      signal.throwIfAborted();
      const doing = 'use the broker';
      assertOpen(doing);
      const connection = link.current();
      if (!connection)
        throw brokerUnavailable({ doing, why: `the broker at ${link.place()} is away`, cause: link.why() });
      const reply = await asking(connection, { subject: '$JS.API.INFO', payload: '', signal });
      if (reply.kind === 'aborted')
        throw brokerUnavailable({ doing, why: 'it does not answer in time', cause: signal.reason });
      if (reply.kind === 'lost' || reply.message.headers?.code === 503) {
        throw brokerUnavailable({ doing, why: 'its JetStream does not answer' });
      }
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}
