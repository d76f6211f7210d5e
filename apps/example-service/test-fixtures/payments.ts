import { randomUUID } from 'node:crypto';
import { ServiceError } from '@org/errors';
import { openBroker } from '@org/messaging';
import { contract, paymentSettled } from '@org/payments-contract';
import { defineService } from '@org/service';
import { adapters, config } from '../src/config.ts';

// A service of payments, as far as the example needs one: `npx nx settle-payment example-service ORDER_ID` publishes that the
// payment of an order was settled, to the broker that `BROKER_URL` names.

const service = defineService({
  name: 'payments',
  config: { ops: config.ops, broker: config.broker },
  contract,
  commands: [
    {
      name: 'settle-payment',
      summary: 'Publishes that the payment of an order was settled.',
      usage: 'ORDER_ID',
      async run({ arguments: [orderId = ''], settings, start, print }) {
        if (settings.broker.url.reveal().startsWith('memory:')) {
          const message =
            'Cannot reach the example: BROKER_URL is `memory:`, and messages in memory reach their own process alone. Set it to a broker such as amqp://localhost, for the example as well, in apps/example-service/.env';
          throw new ServiceError('failed_precondition', message, { reason: 'BROKER_IN_MEMORY' });
        }
        const broker = await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));
        const settledAt = new Date().toISOString();
        const { id } = await broker.publish(
          paymentSettled,
          { id: randomUUID(), orderId, settledAt },
          { subject: orderId },
        );
        print(`Published ${paymentSettled.type} of the order ${orderId}, as ${id}`);
      },
    },
  ],
  async start() {},
});

await service.run();
