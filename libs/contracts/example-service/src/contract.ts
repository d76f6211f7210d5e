import { defineContract } from '@org/contract';
import openapi from './openapi.json' with { type: 'json' };
import { cancelOrder, createOrder, exportOrders, getOrder, listOrders } from './operations.ts';

/** What example-service promises. */
export const contract = defineContract({
  name: 'example-service',
  version: '1.0.0',
  title: 'Example service',
  description: 'Orders: place them, read them, list them, cancel them.',
  operations: [createOrder, listOrders, exportOrders, getOrder, cancelOrder],
  openapi,
});
