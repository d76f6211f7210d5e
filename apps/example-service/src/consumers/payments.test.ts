import { randomUUID } from 'node:crypto';
import { exampleNewOrder } from '@org/example-service-contract';
import { deliverTo } from '@org/messaging/testing';
import { paymentSettled } from '@org/payments-contract';
import { afterAll, expect, test } from 'vitest';
import { databases } from '../../test-fixtures/databases.ts';
import { createOrders } from '../orders.ts';
import { onPaymentSettled } from './payments.ts';

const database = await databases.open();
afterAll(() => database[Symbol.asyncDispose]());
const orders = createOrders(database);

async function settle(orderId: string) {
  const { deliver } = await deliverTo([onPaymentSettled(orders)]);
  return deliver(paymentSettled, { id: randomUUID(), orderId, settledAt: new Date().toISOString() });
}

test('a settled payment marks its order as paid, however often it comes', async () => {
  const { id } = await orders.place(exampleNewOrder);
  expect([await settle(id), await settle(id)]).toEqual([{ kind: 'acknowledge' }, { kind: 'acknowledge' }]);
  await expect(orders.find(id)).resolves.toMatchObject({ status: 'paid' });
});

test('a payment of an order that is not there, or cancelled, is set aside at once', async () => {
  const { id } = await orders.place(exampleNewOrder);
  await orders.cancel(id);
  expect(await settle(id)).toMatchObject({ kind: 'dead-letter', failure: { reason: 'ORDER_NOT_PAYABLE' } });
  expect(await settle(randomUUID())).toMatchObject({ kind: 'dead-letter', failure: { reason: 'ORDER_NOT_FOUND' } });
});
