import { defineEvent } from '@org/contract';
import { exampleOrder } from './examples.ts';
import { order } from './orders.ts';

const { id, number, placedAt, currency, items, total } = exampleOrder;

export const orderPlaced = defineEvent({
  type: 'orders.order.placed.v1',
  summary: 'An order was placed',
  description:
    'Without who ordered and where it goes: events are kept and copied by others. Who needs that reads the order.',
  data: order.pick({ id: true, number: true, placedAt: true, currency: true, items: true, total: true }),
  key: (data) => data.id,
  examples: { engine: { data: { id, number, placedAt, currency, items, total } } },
});
