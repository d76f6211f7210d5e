import { created, implement, type Route } from '@org/api-rest';
import type { contractOf, NewOrder } from './contract.ts';

/** The handlers of a variant's contract. They do what those of the other servers do. */
export function benchRoutes({ operations }: ReturnType<typeof contractOf>): Route[] {
  let placed = 0;
  const accept = ({ customerId, currency, items }: NewOrder) => {
    let total = 0;
    for (const { quantity, unitPrice } of items) total += quantity * unitPrice;
    placed += 1;
    const status = 'accepted' as const;
    return { orderId: `ord-${placed}`, status, customerId, currency, lines: items.length, total };
  };
  const [hello, getUser, createOrder, ...generated] = operations;
  return [
    // GET /hello
    implement(hello!, () => ({ hello: 'world' })),
    // GET /users/:id
    implement(getUser!, ({ params }) => {
      const { id } = params as { id: string };
      return { id, name: `User ${id}`, email: `user${id}@example.com`, roles: ['reader', 'writer'], active: true };
    }),
    // POST /orders
    implement(createOrder!, ({ body }) => {
      const order = accept(body as NewOrder);
      return created(`/orders/${order.orderId}`, order);
    }),
    // GET /generated/…/things/:id
    ...generated.map((operation) => implement(operation, ({ params }) => params)),
  ];
}
