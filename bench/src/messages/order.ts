import { defineContract, defineEvent } from '@org/contract';
import * as z from 'zod';

/** What is sent, by both sides. */
export const orderPlaced = defineEvent({
  type: 'bench.order.placed.v1',
  summary: 'An order was placed',
  data: z.object({
    customerId: z.uuid(),
    currency: z.enum(['EUR', 'USD']),
    items: z.array(z.object({ sku: z.string().min(1), quantity: z.int().min(1), unitPrice: z.int().min(0) })),
    note: z.string(),
  }),
});

export type Order = z.infer<typeof orderPlaced.data>;

export const contract = defineContract({
  name: 'bench-messages',
  version: '1.0.0',
  title: 'Bench of messages',
  operations: [],
  publishes: [orderPlaced],
  consumes: [orderPlaced.type],
});

/** An order of so many bytes in JSON: of two items, and as long a note as it takes. */
export function orderOf(bytes: number): Order {
  const items = [
    { sku: 'ABC-1234', quantity: 2, unitPrice: 1_999 },
    { sku: 'XYZ-9876', quantity: 1, unitPrice: 24_950 },
  ];
  const order = { customerId: '0f8b7c1e-58d2-4c1b-9a54-3c1f0a7e21d4', currency: 'EUR' as const, items, note: '' };
  const left = bytes - Buffer.byteLength(JSON.stringify(order));
  return { ...order, note: 'x'.repeat(left) };
}
