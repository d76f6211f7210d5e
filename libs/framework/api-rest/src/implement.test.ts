import { defineOperation } from '@org/contract';
import * as z from 'zod';
import { expect, expectTypeOf, test } from 'vitest';
import { accepted, created, implement, noContent, reply } from './index.ts';

const order = z.object({ id: z.string(), quantity: z.int().default(1) });
const placeOrder = defineOperation({
  id: 'placeOrder',
  method: 'POST',
  path: '/customers/:customer/orders',
  summary: 'Place an order',
  query: z.object({ dry: z.stringbool().default(false) }),
  body: order.omit({ id: true }),
  success: { status: 201, description: 'The order', body: order },
});
const deleteOrder = defineOperation({
  id: 'deleteOrder',
  method: 'DELETE',
  path: '/orders/:id',
  summary: 'Delete an order',
  success: { status: 204, description: 'It is gone' },
});

test('a handler gets what the schemas make, by type', () => {
  const route = implement(placeOrder, (input, exchange) => {
    expectTypeOf(input.params).toEqualTypeOf<{ customer: string }>();
    expectTypeOf(input.query).toEqualTypeOf<{ dry: boolean }>();
    expectTypeOf(input.headers).toEqualTypeOf<undefined>();
    expectTypeOf(input.body).toEqualTypeOf<{ quantity: number }>();
    expectTypeOf(exchange.signal).toEqualTypeOf<AbortSignal>();
    return created('/orders/1', { id: '1' });
  });
  expect(route.operation).toBe(placeOrder);
});

test('a handler may give the body, a reply around it, or a promise of either', () => {
  implement(placeOrder, () => ({ id: '1', quantity: 2 }));
  implement(placeOrder, async () => ({ id: '1', internal: 'left out on the way' }));
  implement(placeOrder, async () => accepted({ id: '1' }));
  implement(placeOrder, () => reply({ status: 200, body: { id: '1' } }));
  implement(deleteOrder, () => {});
  implement(deleteOrder, async () => {});
  implement(deleteOrder, () => noContent());
});

test('a handler that gives something else does not compile', () => {
  // @ts-expect-error The id is missing.
  implement(placeOrder, () => ({ quantity: 2 }));
  // @ts-expect-error The quantity is a number.
  implement(placeOrder, async () => created('/orders/1', { id: '1', quantity: '2' }));
  // @ts-expect-error Nothing is no order.
  implement(placeOrder, () => {});
  // @ts-expect-error There is no such param.
  implement(placeOrder, ({ params }) => ({ id: params.id }));
  // @ts-expect-error The operation has no body.
  implement(deleteOrder, () => ({ id: '1' }));
});
