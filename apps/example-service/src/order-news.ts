import { orderPlaced } from '@org/example-service-contract';
import type { Broker } from '@org/messaging';
import type { Resource, Runtime } from '@org/runtime';
import type { OrderNews } from './models/order-news.ts';

/**
 * Publishes what happens to orders.
 *
 * The order is kept first and told of afterwards, so the news is not exact: it is lost when the process ends in between, or the
 * broker takes nothing. An order that is kept is not refused for that; who placed it would place it again. An outbox, in one
 * transaction with the order, makes it exact once there is a database.
 */
export function openOrderNews(
  broker: Pick<Broker, 'publish'>,
  { logger }: Pick<Runtime, 'logger'>,
): OrderNews & Resource {
  return {
    async placed(order) {
      try {
        // Placing orders does not depend on somebody who wants to know of them.
        await broker.publish(orderPlaced, order, { subject: order.id, unrouted: 'accept' });
      } catch (error) {
        logger.error({ err: error, order_id: order.id }, 'An order was placed, and nobody was told');
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
