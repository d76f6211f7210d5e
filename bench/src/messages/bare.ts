import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Connection } from 'rabbitmq-client';
import { once } from 'node:events';
import { prefetch, serveClients, type Client } from './client.ts';
import { orderOf } from './order.ts';

/** What the library of the client does by itself: JSON, confirmed and stored; acknowledged after it was read. */
async function bareRabbitmq(url: string): Promise<(bytes: number) => Promise<Client>> {
  const connection = new Connection(url);
  await connection.onConnect();
  const publisher = connection.createPublisher({ confirm: true });
  return async (bytes) => {
    const [queue, order] = [`bare-${bytes}`, orderOf(bytes)];
    await connection.queueDeclare({ queue, durable: true, arguments: { 'x-queue-type': 'quorum' } });
    return {
      publish: () => publisher.send({ routingKey: queue, durable: true }, order),
      async consume(seen, signal) {
        const consumer = connection.createConsumer(
          { queue, queueOptions: { passive: true }, qos: { prefetchCount: prefetch } },
          async () => seen(),
        );
        if (!signal.aborted) await once(signal, 'abort');
        await consumer.close();
      },
    };
  };
}

async function bareNats(url: string): Promise<(bytes: number) => Promise<Client>> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  const streams = jetstream(connection);
  return async (bytes) => {
    const [name, order] = [`bare-${bytes}`, orderOf(bytes)];
    await manager.streams.add({ name, subjects: [name] });
    await manager.consumers.add(name, { durable_name: 'all', ack_policy: AckPolicy.Explicit });
    return {
      publish: () => streams.publish(name, JSON.stringify(order)),
      async consume(seen, signal) {
        const consumer = await streams.consumers.get(name, 'all');
        const messages = await consumer.consume({ max_messages: prefetch });
        signal.addEventListener('abort', () => messages.stop());
        for await (const message of messages) {
          message.json();
          seen();
          message.ack();
        }
        await connection.flush();
      },
    };
  };
}

const url = process.env.BROKER_URL!;
serveClients(await (url.startsWith('nats:') ? bareNats(url) : bareRabbitmq(url)));
