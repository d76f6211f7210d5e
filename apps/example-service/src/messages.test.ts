import { randomUUID } from 'node:crypto';
import { Secret } from '@org/config';
import { relayOutbox } from '@org/database';
import { contract, exampleNewOrder, orderPlaced, quote } from '@org/example-service-contract';
import { consume, createBroker, createMemoryServer, handle, memoryAdapter, respond, type Broker } from '@org/messaging';
import { contract as payments, paymentSettled } from '@org/payments-contract';
import { collectLogger, waitFor } from '@org/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databases } from '../test-fixtures/databases.ts';
import { onPaymentSettled } from './consumers/payments.ts';
import { createOrders, type Orders } from './orders.ts';
import { answerQuote } from './queries/quote.ts';

// The messages alone, between this service and others over one broker in memory; no kernel and no ports.

const adapter = memoryAdapter(createMemoryServer());
const logger = collectLogger();
const open = new AsyncDisposableStack();
let orders: Orders;
let others: Broker;

async function connect(service: { readonly name: string }): Promise<Broker> {
  const options = {
    url: new Secret('memory:'),
    credentials: undefined,
    service: service.name,
    connectTimeoutMs: 1_000,
  };
  const identity = { name: service.name, version: '1.0.0', commit: undefined };
  const transport = await adapter.open({ ...options, logger });
  return open.use(createBroker(transport, adapter, {}, { logger, contract: service, service: identity }));
}

beforeAll(async () => {
  const broker = await connect(contract);
  const database = open.use(await databases.open());
  open.use(await relayOutbox(database, broker, { logger }));
  orders = createOrders(database);
  open.use(await consume(broker, [onPaymentSettled(orders)], { inbox: database.inbox }, { logger }));
  open.use(await respond(broker, [answerQuote(orders)], {}, { logger }));
  others = await connect({ ...payments, consumes: [orderPlaced.type] } as typeof payments);
});
afterAll(() => open.disposeAsync());

test('an order that is placed is heard of, without who placed it', async () => {
  const heard: object[] = [];
  open.use(await consume(others, [handle(orderPlaced, ({ data }) => void heard.push(data))], {}, { logger }));
  const { id, number, placedAt, currency, items, total } = await orders.place(exampleNewOrder);
  await waitFor(() => heard.length > 0, { what: 'the event' });
  expect(heard).toEqual([{ id, number, placedAt, currency, items, total }]);
});

test('a payment that is settled marks the order as paid', async () => {
  const { id } = await orders.place(exampleNewOrder);
  await others.publish(paymentSettled, { id: randomUUID(), orderId: id, settledAt: new Date().toISOString() });
  await waitFor(async () => (await orders.find(id)).status === 'paid', { what: 'the payment' });
});

test('whoever asks is told what an order would cost', async () => {
  const { currency, items } = exampleNewOrder;
  expect(await others.request(quote, { currency, items })).toEqual({ currency, total: 2500 });
});
