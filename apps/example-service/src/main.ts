import { serveRest } from '@org/api-rest';
import { swagger } from '@org/api-swagger';
import { contract } from '@org/example-service-contract';
import { defineService } from '@org/service';
import { config } from './config.ts';
import { openOrderRepository } from './order-repository.ts';
import { createOrders } from './orders.ts';
import { orderRoutes } from './routes/orders.ts';

export const service = defineService({
  name: 'example-service',
  config,
  contract,
  async start({ settings, start }) {
    const repository = await start('database', (runtime) => openOrderRepository(settings.database, runtime));
    const routes = orderRoutes(createOrders(repository));
    const pages = [swagger()];
    await start('rest', (runtime) => serveRest(settings.rest, { contract, routes, pages }, runtime));
  },
});

if (import.meta.main) await service.run();
