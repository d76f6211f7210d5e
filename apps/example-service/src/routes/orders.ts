import { created, decodeCursor, implement, toPage } from '@org/api-rest';
import { cancelOrder, createOrder, getOrder, listOrders, order } from '@org/example-service-contract';
import type { Orders } from '../orders.ts';

export const orderRoutes = (orders: Orders) => [
  // POST /orders
  implement(createOrder, async ({ body }) => {
    const placed = await orders.place(body);
    return created(`/orders/${placed.id}`, placed);
  }),
  // GET /orders
  implement(listOrders, async ({ query: { limit, cursor, status } }) => {
    const after = decodeCursor(cursor, order.shape.number);
    return toPage(await orders.list({ after, status, limit: limit + 1 }), limit, ({ number }) => number);
  }),
  // GET /orders/:id
  implement(getOrder, ({ params }) => orders.find(params.id)),
  // POST /orders/:id/cancel
  implement(cancelOrder, ({ params }) => orders.cancel(params.id)),
];
