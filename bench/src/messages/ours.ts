import { brokerSettings, consume, handle, openBroker, type Broker } from '@org/messaging';
import { nats } from '@org/messaging-nats';
import { rabbitmq } from '@org/messaging-rabbitmq';
import type { Runtime } from '@org/runtime';
import { defineService, opsSettings } from '@org/service';
import { once } from 'node:events';
import { prefetch, serveClients, type Client } from './client.ts';
import { contract, orderOf, orderPlaced } from './order.ts';

const adapters = [nats, rabbitmq];

/** A service as any other, with its logs, metrics and traces, that does what a worker does. */
const service = defineService({
  name: 'bench-messages',
  config: { broker: brokerSettings({ adapters }), ops: opsSettings({ port: 9901 }) },
  contract,
  async start({ settings, start }) {
    const broker = await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));
    await start('worker', async (runtime) => {
      // An event for which nobody has a queue is refused: it is there once somebody has asked for it.
      await using _queue = await consume(broker, [handle(orderPlaced, () => {})], {}, runtime);
      serveClients((bytes) => oursOn(broker, bytes, runtime));
      return { async [Symbol.asyncDispose]() {} };
    });
  },
});

function oursOn(broker: Broker, bytes: number, runtime: Runtime): Client {
  const order = orderOf(bytes);
  return {
    publish: () => broker.publish(orderPlaced, order),
    async consume(seen, signal) {
      const consumers = await consume(broker, [handle(orderPlaced, seen)], { concurrency: prefetch }, runtime);
      if (!signal.aborted) await once(signal, 'abort');
      await consumers.drain(AbortSignal.timeout(5_000));
      await consumers[Symbol.asyncDispose]();
    },
  };
}

await service.run();
