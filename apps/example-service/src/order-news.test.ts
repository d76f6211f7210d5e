import { exampleNewOrder, orderPlaced } from '@org/example-service-contract';
import { ServiceError } from '@org/errors';
import { collectLogger } from '@org/testing';
import { expect, test } from 'vitest';
import { openOrderNews } from './order-news.ts';
import { createOrderRepository } from './order-repository.ts';
import { createOrders } from './orders.ts';

function open(publish: (...published: unknown[]) => Promise<{ id: string }>) {
  const logger = collectLogger();
  const news = openOrderNews({ publish }, { logger });
  return { logger, orders: createOrders(createOrderRepository(), news) };
}

test('whoever wants to know is told of an order once it is kept', async () => {
  const told: unknown[] = [];
  const { orders } = open(async (...published) => {
    told.push(...published);
    return { id: 'one' };
  });
  const order = await orders.place(exampleNewOrder);
  expect(told).toEqual([orderPlaced, order, { subject: order.id, unrouted: 'accept' }]);
});

test('an order is placed although the broker is away, and an error says so', async () => {
  const { orders, logger } = open(async () => {
    throw new ServiceError('unavailable', 'The broker is away');
  });
  const { id } = await orders.place(exampleNewOrder);
  await expect(orders.find(id)).resolves.toMatchObject({ status: 'placed' });
  expect(JSON.stringify(logger.lines)).toContain('nobody was told');
});
