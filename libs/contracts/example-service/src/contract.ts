import { defineContract } from '@org/contract';
import asyncapi from './asyncapi.json' with { type: 'json' };
import { orderPlaced } from './events.ts';
import openapi from './openapi.json' with { type: 'json' };
import { cancelOrder, createOrder, exportOrders, getOrder, listOrders } from './operations.ts';
import { quote } from './queries.ts';

/** What example-service promises. */
export const contract = defineContract({
  name: 'example-service',
  version: '1.0.0',
  title: 'Example service',
  description: 'Orders: place them, read them, list them, cancel them.',
  operations: [createOrder, listOrders, exportOrders, getOrder, cancelOrder],
  publishes: [orderPlaced],
  consumes: ['payments.payment.settled.v1'],
  answers: [quote],
  openapi,
  asyncapi,
});
