import { serveRest } from '@org/api-rest';
import { swagger } from '@org/api-swagger';
import { migration, openDatabase, relayOutbox } from '@org/database';
import { contract } from '@org/example-service-contract';
import { consume, deadLetters, openBroker, respond, topology } from '@org/messaging';
import { kubernetes } from '@org/secrets-kubernetes';
import { vault } from '@org/secrets-vault';
import { defineService } from '@org/service';
import { migrations } from '../migrations/index.ts';
import { adapters, config } from './config.ts';
import { onPaymentSettled } from './consumers/payments.ts';
import * as models from './models/index.ts';
import { createOrders } from './orders.ts';
import { answerQuote } from './queries/quote.ts';
import { orderRoutes } from './routes/orders.ts';

export const service = defineService({
  name: 'example-service',
  config,
  contract,
  secrets: [vault, kubernetes],
  commands: [migration({ models, migrations }), deadLetters({ adapters }), topology({ adapters })],
  async start({ settings, start }) {
    const database = await start('database', (runtime) =>
      openDatabase(settings.database, { models, migrations }, runtime),
    );
    const broker = await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));
    // Placing orders does not depend on somebody who wants to know of them.
    await start('outbox', (runtime) => relayOutbox(database, broker, runtime, { unrouted: 'accept' }));
    const orders = createOrders(database);
    const { inbox, idempotency } = database;
    await start('consumers', (runtime) => consume(broker, [onPaymentSettled(orders)], { inbox }, runtime));
    await start('queries', (runtime) => respond(broker, [answerQuote(orders)], {}, runtime));
    const routes = orderRoutes(orders);
    const pages = [swagger()];
    await start('rest', (runtime) => serveRest(settings.rest, { contract, routes, pages, idempotency }, runtime));
  },
});

if (import.meta.main) await service.run();
