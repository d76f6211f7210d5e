import type { NewOrder, Order } from './orders.ts';

/** What the documents show and the first `curl` sends. */
export const exampleNewOrder: NewOrder = {
  customerName: 'Ada Lovelace',
  shippingAddress: { lines: ["12 St James's Square"], postalCode: 'SW1Y 4JH', city: 'London', country: 'GB' },
  currency: 'EUR',
  items: [
    { sku: 'engine-1', quantity: 2, unitPrice: 1250 },
    { sku: 'sticker', quantity: 1, unitPrice: 0 },
  ],
};

export const exampleOrder: Order = {
  ...exampleNewOrder,
  id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  number: 1,
  status: 'placed',
  placedAt: '2026-01-02T03:04:05.678Z',
  items: exampleNewOrder.items.map((item) => ({ ...item, total: item.quantity * item.unitPrice })),
  total: 2500,
};
