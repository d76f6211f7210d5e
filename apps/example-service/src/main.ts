import { serveRest } from '@org/api-rest';
import { swagger } from '@org/api-swagger';
import { contract } from '@org/example-service-contract';
import { consume, deadLetters, openBroker, respond, topology } from '@org/messaging';
import { defineService } from '@org/service';
import { adapters, config } from './config.ts';
import { onPaymentSettled } from './consumers/payments.ts';
import { openOrderNews } from './order-news.ts';
import { openOrderRepository } from './order-repository.ts';
import { createOrders } from './orders.ts';
import { answerQuote } from './queries/quote.ts';
import { orderRoutes } from './routes/orders.ts';

export const service = defineService({
  name: 'example-service',
  config,
  contract,
  commands: [deadLetters({ adapters }), topology({ adapters })],
  async start({ settings, start }) {
    const repository = await start('database', (runtime) => openOrderRepository(settings.database, runtime));
    const broker = await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));
    const orders = createOrders(repository, await start('news', (runtime) => openOrderNews(broker, runtime)));
    await start('consumers', (runtime) => consume(broker, [onPaymentSettled(orders)], {}, runtime));
    await start('queries', (runtime) => respond(broker, [answerQuote(orders)], {}, runtime));
    const routes = orderRoutes(orders);
    const pages = [swagger()];
    await start('rest', (runtime) => serveRest(settings.rest, { contract, routes, pages }, runtime));
  },
});

if (import.meta.main) await service.run();
