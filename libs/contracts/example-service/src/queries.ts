import { defineQuery } from '@org/contract';
import { exampleNewOrder, exampleOrder } from './examples.ts';
import { newOrder, order } from './orders.ts';

const { currency, items } = exampleNewOrder;

export const quote = defineQuery({
  type: 'orders.quote.v1',
  summary: 'What an order would cost',
  request: newOrder.pick({ currency: true, items: true }),
  reply: order.pick({ currency: true, total: true }),
  examples: { engine: { request: { currency, items }, reply: { currency, total: exampleOrder.total } } },
});
