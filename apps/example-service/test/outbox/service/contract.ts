import { defineContract, defineEvent } from '@org/contract';
import * as z from 'zod';

/** Numbered by customer, so that what is lost, comes twice or comes too early shows. */
export const placed = defineEvent({
  type: 'outbox.order.placed.v1',
  summary: 'An order was placed',
  data: z.object({ id: z.string(), customer: z.string(), number: z.int() }),
  key: ({ customer }) => customer,
});

export const contract = defineContract({
  name: 'outbox-service',
  version: '1.0.0',
  title: 'Orders that are placed, told of and counted',
  operations: [],
  publishes: [placed],
  consumes: [placed],
});
