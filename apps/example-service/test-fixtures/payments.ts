import { randomUUID } from 'node:crypto';
import { ServiceError } from '@org/errors';
import { quote } from '@org/example-service-contract';
import { openBroker, type Broker, type BrokerSettings } from '@org/messaging';
import { contract, paymentSettled } from '@org/payments-contract';
import type { Command } from '@org/runtime';
import { defineService } from '@org/service';
import { adapters, config } from '../src/config.ts';

// A service of payments, as far as the example needs one. To the broker that `BROKER_URL` names
// `npx nx settle-payment example-service ORDER_ID` publishes that the payment of an order was settled, and there
// `npx nx ask-quote example-service SKU QUANTITY UNIT_PRICE` asks what that would cost.

const service = defineService({
  name: 'payments',
  config: { ops: config.ops, broker: config.broker },
  contract,
  commands: [
    atBroker('settle-payment', 'Publishes that the payment of an order was settled.', {
      usage: 'ORDER_ID',
      async work(broker, [orderId = '']) {
        const settled = { id: randomUUID(), orderId, settledAt: new Date().toISOString() };
        const { id } = await broker.publish(paymentSettled, settled, { subject: orderId });
        return `Published ${paymentSettled.type} of the order ${orderId}, as ${id}`;
      },
    }),
    atBroker('ask-quote', 'Asks what an item would cost.', {
      usage: 'SKU QUANTITY UNIT_PRICE',
      async work(broker, [sku = '', quantity, unitPrice]) {
        const item = { sku, quantity: Number(quantity), unitPrice: Number(unitPrice) };
        const { total, currency } = await broker.request(quote, { currency: 'EUR', items: [item] });
        return `${total} in minor units of ${currency}`;
      },
    }),
  ],
  async start() {},
});

interface AtBroker {
  readonly usage: string;
  readonly work: (broker: Broker, words: readonly string[]) => Promise<string>;
}

function atBroker(name: string, summary: string, { usage, work }: AtBroker): Command<{ broker: BrokerSettings }> {
  return {
    name,
    summary,
    usage,
    async run({ arguments: words, settings, start, print }) {
      if (words.length !== usage.split(' ').length) throw new ServiceError('invalid_argument', `Expected ${usage}`);
      if (settings.broker.url.reveal().startsWith('memory:')) {
        const message =
          'Cannot reach the example: BROKER_URL is `memory:`, and messages in memory reach their own process alone. Set it to a broker such as amqp://localhost, for the example as well, in apps/example-service/.env';
        throw new ServiceError('failed_precondition', message, { reason: 'BROKER_IN_MEMORY' });
      }
      const broker = await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));
      print(await work(broker, words));
    },
  };
}

await service.run();
