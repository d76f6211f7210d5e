import { amqpBinding } from '@org/payload';
import type { BrokerAdapter, Features, Transport, TransportOptions } from '@org/messaging';
import { rabbitmqDeadLetters } from './dead-letters.ts';
import { openLink, type Link } from './link.ts';
import { ports } from './location.ts';
import { createLooking } from './looking.ts';
import { createPublisher } from './publisher.ts';
import { createRequest, openResponder } from './queries.ts';
import { openSubscription, type Parts } from './subscribe.ts';
import { compareTopology } from './topology.ts';

/** What RabbitMQ can do, from version 3.10 on. */
const features: Features = {
  durable: true,
  delaysInBroker: true,
  detectsUnroutable: true,
  ordersAcrossConsumers: true,
  countsCrashes: true,
  deduplicates: false,
  boundsQueues: true,
};

/** The adapter of messaging for RabbitMQ, which opens `amqp:` and `amqps:` URLs; the path names the virtual host. */
export const rabbitmq: BrokerAdapter = {
  name: 'rabbitmq',
  ports,
  binding: amqpBinding,
  open: openTransport,
};

async function openTransport(options: TransportOptions): Promise<Transport> {
  const { logger, queueLimit, connectTimeoutMs } = options;
  const publisher = createPublisher(() => publishing);
  const publishing: Link = await openLink(options, {
    purpose: 'publishes',
    onSession: (session) => publisher.prepare(session),
  });
  const request = createRequest(publishing);
  let opening: Promise<Link> | undefined;
  let opened: Link | undefined;
  let closing: Promise<void> | undefined;
  // A connection of its own: the broker stops to read from those that publish while it has no room, acknowledgements included.
  const consuming = () => {
    if (opening) return opening;
    if (closing) return Promise.resolve(publishing);
    opening = openLink(options, { purpose: 'consumes' }).then(async (link) => {
      if (closing) await link.close();
      return (opened = link);
    });
    opening.catch(() => (opening = undefined));
    return opening;
  };
  const looking = createLooking(consuming);
  const parts = async (): Promise<Parts> => ({
    link: await consuming(),
    publisher,
    logger,
    queueLimit,
    timeoutMs: connectTimeoutMs,
  });
  const close = async () => {
    await Promise.all([publishing.close(), opened?.close()]);
  };

  return {
    features,
    publish: (message) => publisher.publish(message),
    request,
    subscribe: async (subscription, deliver) => openSubscription(await parts(), subscription, deliver),
    respond: async (query, handle) => openResponder(await parts(), query, handle),
    deadLetters: (subscription) => rabbitmqDeadLetters(subscription, { looking, publisher }),
    topology: async (wanted, signal) => compareTopology(await consuming(), wanted, { queueLimit, signal }),
    async check(signal) {
      signal.throwIfAborted();
      publishing.assertHealthy('use RabbitMQ');
      opened?.assertHealthy('use RabbitMQ');
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}
