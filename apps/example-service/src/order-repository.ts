import { ServiceError } from '@org/errors';
import type { Resource, Runtime } from '@org/runtime';
import type { DatabaseSettings } from './config.ts';
import type { Order } from './models/order.ts';
import type { OrderRepository } from './models/order-repository.ts';

/** How many orders the memory of one process takes: about 100 MiB of usual ones. */
const mostOrders = 100_000;

/** Opens where orders are kept: for now a Map in this process, which is gone when the process ends. */
export function openOrderRepository(
  { url }: DatabaseSettings,
  { logger }: Pick<Runtime, 'logger'>,
): OrderRepository & Resource {
  logger.warn({ url }, 'Orders are kept in memory: they are gone when the service stops');
  return {
    ...createOrderRepository(),
    kind: 'datastore',
    check: async (signal) => signal.throwIfAborted(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A repository in memory. What it keeps is frozen, so that nobody changes it from outside. */
export function createOrderRepository({ maximum = mostOrders }: { maximum?: number } = {}): OrderRepository {
  // By id. A Map keeps the order in which keys were added, which is that of the numbers.
  const orders = new Map<string, Order>();

  return {
    async add(draft) {
      if (orders.size >= maximum) {
        const message = `Cannot keep another order: this process holds ${maximum} in memory, which is all it may`;
        throw new ServiceError('resource_exhausted', message, { reason: 'ORDERS_FULL' });
      }
      const order = Object.freeze({ ...draft, number: orders.size + 1 });
      orders.set(order.id, order);
      return order;
    },
    async find(id) {
      return orders.get(id);
    },
    async list({ after = 0, status, limit }) {
      return orders
        .values()
        .filter((order) => order.number > after && (status === undefined || order.status === status))
        .take(limit)
        .toArray();
    },
    async changeStatus(id, from, to) {
      const order = orders.get(id);
      if (order?.status !== from) return undefined;
      const changed = Object.freeze({ ...order, status: to });
      orders.set(id, changed);
      return changed;
    },
  };
}
