import { defineContract, defineOperation, pageQuery, queryList } from '@org/contract';
import * as z from 'zod';

/** Strict inside, as a schema is that servers check requests with. */
export const order = z.object({
  id: z.string(),
  quantity: z.int(),
  address: z.strictObject({ city: z.string() }).optional(),
});
const example = { id: '7', quantity: 2 };

export const placeOrder = defineOperation({
  id: 'placeOrder',
  method: 'POST',
  path: '/orders',
  summary: 'Place an order',
  body: z.object({ quantity: z.int().min(1), note: z.string().default('') }),
  success: { status: 201, description: 'The order', body: order },
  idempotencyKey: 'optional',
});

export const getOrder = defineOperation({
  id: 'getOrder',
  method: 'GET',
  path: '/orders/:id',
  summary: 'One order',
  success: { status: 200, description: 'The order', body: order },
  errors: ['not_found'],
  examples: { one: { params: { id: '7' }, success: example } },
});

export const listOrders = defineOperation({
  id: 'listOrders',
  method: 'GET',
  path: '/orders',
  summary: 'Orders',
  query: pageQuery({ maximum: 50 }).extend({ tag: queryList(z.string()) }),
  headers: z.object({ 'x-tenant': z.string().optional() }),
  success: { status: 200, description: 'Orders', body: z.object({ items: z.array(order) }) },
});

export const replaceOrder = defineOperation({
  id: 'replaceOrder',
  method: 'PUT',
  path: '/orders/:id',
  summary: 'Replace an order',
  body: z.object({ quantity: z.int() }),
  success: { status: 200, description: 'The order', body: order },
});

export const touchOrder = defineOperation({
  id: 'touchOrder',
  method: 'POST',
  path: '/orders/:id/touch',
  summary: 'Not safe to repeat',
  success: { status: 204, description: 'Touched' },
});

export const contract = defineContract({
  name: 'orders',
  version: '1.0.0',
  title: 'Orders',
  operations: [placeOrder, getOrder, listOrders, replaceOrder, touchOrder],
});
