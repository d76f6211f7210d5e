import { assertPreconditions, created, etagOf, implement, reply } from '@org/api-rest';
import { cancelOrder, createOrder, exportOrders, getOrder, listOrders } from '@org/example-service-contract';
import type { Orders } from '../orders.ts';

export const orderRoutes = (orders: Orders) => [
  // POST /orders
  implement(createOrder, async ({ body }) => {
    const placed = await orders.place(body);
    return created(`/orders/${placed.id}`, placed);
  }),
  // GET /orders
  implement(listOrders, ({ query }) => orders.list(query)),
  // GET /orders/export
  implement(exportOrders, async function* () {
    for await (const each of orders.all()) yield `${JSON.stringify(each)}\n`;
  }),
  // GET /orders/:id
  implement(getOrder, async ({ params }) => {
    const found = await orders.find(params.id);
    return reply({ headers: { etag: etagOf(found.status) }, body: found });
  }),
  // POST /orders/:id/cancel
  implement(cancelOrder, ({ params }, exchange) =>
    orders.cancel(params.id, ({ status }) => assertPreconditions(exchange, { etag: etagOf(status) })),
  ),
];
