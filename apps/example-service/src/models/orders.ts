import { timestamps, version } from '@org/database';
import type { Currency, Order, OrderStatus } from '@org/example-service-contract';
import { bigint, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';

export const orders = pgTable(
  'orders',
  {
    id: uuid().primaryKey(),
    // What people call it by; the numbers of orders that were not kept are missing.
    number: bigint({ mode: 'number' }).notNull().unique().generatedAlwaysAsIdentity(),
    status: text().$type<OrderStatus>().notNull(),
    customerName: text('customer_name').notNull(),
    shippingAddress: jsonb('shipping_address').$type<Order['shippingAddress']>().notNull(),
    currency: text().$type<Currency>().notNull(),
    items: jsonb().$type<Order['items']>().notNull(),
    total: bigint({ mode: 'number' }).notNull(),
    note: text(),
    version: version(),
    ...timestamps(),
  },
  // For the list of one status; that of all goes by the index of the numbers.
  ({ status, number }) => [index('orders_status_number').on(status, number)],
);
