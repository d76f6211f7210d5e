import { randomUUID } from 'node:crypto';
import { exampleNewOrder, type OrderStatus } from '@org/example-service-contract';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databases } from '../test-fixtures/databases.ts';
import * as models from './models/index.ts';
import { createOrders, type Orders } from './orders.ts';

let database: Awaited<ReturnType<typeof databases.open>>;
let orders: Orders;
beforeEach(async () => {
  database = await databases.open();
  orders = createOrders(database);
});
afterEach(() => database[Symbol.asyncDispose]());

/** The id of an order in this state. */
async function orderIn(status: OrderStatus): Promise<string> {
  const { id } = await orders.place(exampleNewOrder);
  await database.update(models.orders).set({ status }).where(eq(models.orders.id, id));
  return id;
}

describe('placing an order', () => {
  test('gives it an id, a number, a time and its totals', async () => {
    const before = Date.now();
    const order = await orders.place(exampleNewOrder);
    expect(order).toMatchObject({ ...exampleNewOrder, number: 1, status: 'placed', total: 2500 });
    expect(order.items.map(({ total }) => total)).toEqual([2500, 0]);
    expect(order.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(order.placedAt)).toBeGreaterThanOrEqual(before);
    await expect(orders.find(order.id)).resolves.toEqual(order);
  });

  test('twice gives two orders', async () => {
    const [first, second] = [await orders.place(exampleNewOrder), await orders.place(exampleNewOrder)];
    expect(second.id).not.toBe(first.id);
    expect(second.number).toBe(2);
  });

  test('is refused when the total is not exact any more, and nothing is kept', async () => {
    const items = [{ sku: 'moon', quantity: 2, unitPrice: Number.MAX_SAFE_INTEGER }];
    await expect(orders.place({ ...exampleNewOrder, items })).rejects.toMatchObject({
      code: 'invalid_argument',
      reason: 'AMOUNT_TOO_LARGE',
    });
    await expect(orders.list({ limit: 10 })).resolves.toEqual({ items: [] });
    await expect(database.$count(models.outbox)).resolves.toBe(0);
  });

  test('tells of it in the same transaction', async () => {
    const { id } = await orders.place(exampleNewOrder);
    await expect(database.$count(models.outbox)).resolves.toBe(1);
    const undone = database.transaction(async () => {
      await orders.place(exampleNewOrder);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await expect(database.$count(models.outbox)).resolves.toBe(1);
    await expect(orders.list({ limit: 10 })).resolves.toMatchObject({ items: [{ id }] });
  });
});

test.each([0, 1, 100, 101])('all of %d orders are read, each once', async (count) => {
  for (let index = 0; index < count; index += 1) await orders.place(exampleNewOrder);
  const numbers: number[] = [];
  for await (const { number } of orders.all()) numbers.push(number);
  expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('an order that does not exist is not found', async () => {
  const id = randomUUID();
  const message = `There is no order with the id \`${id}\``;
  const notFound = { code: 'not_found', reason: 'ORDER_NOT_FOUND', message };
  await expect(orders.find(id)).rejects.toMatchObject(notFound);
  await expect(orders.cancel(id)).rejects.toMatchObject(notFound);
});

describe('cancelling an order', () => {
  test.each(['placed', 'paid'] as const)('goes well while it is %s', async (status) => {
    const id = await orderIn(status);
    await expect(orders.cancel(id)).resolves.toMatchObject({ id, status: 'cancelled' });
    await expect(orders.find(id)).resolves.toMatchObject({ status: 'cancelled' });
  });

  test.each(['shipped', 'delivered', 'cancelled'] as const)(
    'is refused once it is %s, and changes nothing',
    async (status) => {
      const id = await orderIn(status);
      await expect(orders.cancel(id)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'ORDER_NOT_CANCELLABLE',
        details: { status },
      });
      await expect(orders.find(id)).resolves.toMatchObject({ status });
    },
  );

  test('is refused by a check of what it is now, and changes nothing', async () => {
    const id = await orderIn('paid');
    const refusing = ({ status }: { status: string }) => {
      throw new TypeError(status);
    };
    await expect(orders.cancel(id, refusing)).rejects.toThrow('paid');
    await expect(orders.find(id)).resolves.toMatchObject({ status: 'paid' });
  });

  test('is refused when somebody else was faster', async () => {
    const id = await orderIn('placed');
    // Both have read the order before either changes it.
    const outcomes = await Promise.allSettled([orders.settle(id), orders.cancel(id)]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { status: 'paid' } },
      { status: 'rejected', reason: { code: 'aborted', reason: 'VERSION_CHANGED' } },
    ]);
    await expect(orders.find(id)).resolves.toMatchObject({ status: 'paid' });
  });
});

describe('settling an order', () => {
  test('that is placed marks it as paid', async () => {
    const id = await orderIn('placed');
    await expect(orders.settle(id)).resolves.toMatchObject({ id, status: 'paid' });
  });

  test.each(['paid', 'shipped', 'delivered'] as const)('that is %s already leaves it so', async (status) => {
    const id = await orderIn(status);
    await expect(orders.settle(id)).resolves.toMatchObject({ id, status });
  });

  test('is refused once it is cancelled, and changes nothing', async () => {
    const id = await orderIn('cancelled');
    await expect(orders.settle(id)).rejects.toMatchObject({
      reason: 'ORDER_NOT_PAYABLE',
      details: { status: 'cancelled' },
    });
    await expect(orders.find(id)).resolves.toMatchObject({ status: 'cancelled' });
  });
});

test('a quote is what the order would cost', async () => {
  const { currency, items } = exampleNewOrder;
  const { total } = await orders.place(exampleNewOrder);
  expect(orders.quote({ currency, items })).toEqual({ currency, total });
});
