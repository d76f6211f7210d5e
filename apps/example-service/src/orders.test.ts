import { exampleNewOrder } from '@org/example-service-contract';
import { describe, expect, test } from 'vitest';
import type { OrderStatus } from './models/order.ts';
import { createOrderRepository } from './order-repository.ts';
import { createOrders } from './orders.ts';

function open() {
  const repository = createOrderRepository();
  return { repository, orders: createOrders(repository) };
}

/** An order that has gone this way. */
async function orderThrough(...way: OrderStatus[]) {
  const { repository, orders } = open();
  const { id } = await orders.place(exampleNewOrder);
  const from: OrderStatus[] = ['placed', ...way];
  for (const [step, to] of way.entries()) await repository.changeStatus(id, from[step]!, to);
  return { repository, orders, id };
}

describe('placing an order', () => {
  test('gives it an id, a number, a time and its totals', async () => {
    const { orders } = open();
    const before = Date.now();
    const order = await orders.place(exampleNewOrder);
    expect(order).toMatchObject({ ...exampleNewOrder, number: 1, status: 'placed', total: 2500 });
    expect(order.items.map(({ total }) => total)).toEqual([2500, 0]);
    expect(order.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(order.placedAt)).toBeGreaterThanOrEqual(before);
    await expect(orders.find(order.id)).resolves.toEqual(order);
  });

  test('twice gives two orders', async () => {
    const { orders } = open();
    const [first, second] = [await orders.place(exampleNewOrder), await orders.place(exampleNewOrder)];
    expect(second.id).not.toBe(first.id);
    expect(second.number).toBe(2);
  });

  test('is refused when the total is not exact any more, and nothing is kept', async () => {
    const { orders } = open();
    const items = [{ sku: 'moon', quantity: 2, unitPrice: Number.MAX_SAFE_INTEGER }];
    await expect(orders.place({ ...exampleNewOrder, items })).rejects.toMatchObject({
      code: 'invalid_argument',
      reason: 'AMOUNT_TOO_LARGE',
    });
    await expect(orders.list({ limit: 10 })).resolves.toEqual([]);
  });
});

test.each([0, 1, 100, 101, 250])('all of %d orders are read, each once', async (count) => {
  const { orders } = open();
  for (let index = 0; index < count; index += 1) await orders.place(exampleNewOrder);
  const numbers: number[] = [];
  for await (const { number } of orders.all()) numbers.push(number);
  expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('an order that does not exist is not found', async () => {
  const { orders } = open();
  const notFound = { code: 'not_found', reason: 'ORDER_NOT_FOUND', message: 'There is no order with the id `7`' };
  await expect(orders.find('7')).rejects.toMatchObject(notFound);
  await expect(orders.cancel('7')).rejects.toMatchObject(notFound);
});

describe('cancelling an order', () => {
  test.each([[[]], [['paid']]] as OrderStatus[][][])('goes well after %j', async (way) => {
    const { orders, id } = await orderThrough(...way);
    await expect(orders.cancel(id)).resolves.toMatchObject({ id, status: 'cancelled' });
    await expect(orders.find(id)).resolves.toMatchObject({ status: 'cancelled' });
  });

  test.each([[['paid', 'shipped']], [['paid', 'shipped', 'delivered']], [['cancelled']]] as OrderStatus[][][])(
    'is refused after %j, and changes nothing',
    async (way) => {
      const { orders, id } = await orderThrough(...way);
      const status = way.at(-1);
      await expect(orders.cancel(id)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'ORDER_NOT_CANCELLABLE',
        details: { status },
      });
      await expect(orders.find(id)).resolves.toMatchObject({ status });
    },
  );

  test('is refused by a check of what it is now, and changes nothing', async () => {
    const { orders, id } = await orderThrough('paid');
    const refusing = ({ status }: { status: string }) => {
      throw new TypeError(status);
    };
    await expect(orders.cancel(id, refusing)).rejects.toThrow('paid');
    await expect(orders.find(id)).resolves.toMatchObject({ status: 'paid' });
  });

  test('is refused when somebody else was faster', async () => {
    const { repository, id } = await orderThrough('paid');
    const orders = createOrders({
      ...repository,
      changeStatus: async (...change) => {
        await repository.changeStatus(id, 'paid', 'shipped');
        return repository.changeStatus(...change);
      },
    });
    await expect(orders.cancel(id)).rejects.toMatchObject({ code: 'aborted', reason: 'ORDER_CHANGED' });
    await expect(repository.find(id)).resolves.toMatchObject({ status: 'shipped' });
  });
});

describe('settling an order', () => {
  test.each([[[]], [['paid']], [['paid', 'shipped']]] as OrderStatus[][][])('goes well after %j', async (way) => {
    const { orders, id } = await orderThrough(...way);
    const status = way.at(-1) ?? 'paid';
    await expect(orders.settle(id)).resolves.toMatchObject({ id, status });
  });

  test('is refused once it is cancelled, and changes nothing', async () => {
    const { orders, id } = await orderThrough('cancelled');
    await expect(orders.settle(id)).rejects.toMatchObject({
      reason: 'ORDER_NOT_PAYABLE',
      details: { status: 'cancelled' },
    });
    await expect(orders.find(id)).resolves.toMatchObject({ status: 'cancelled' });
  });
});

test('a quote is what the order would cost', async () => {
  const { orders } = open();
  const { currency, items } = exampleNewOrder;
  const { total } = await orders.place(exampleNewOrder);
  expect(orders.quote({ currency, items })).toEqual({ currency, total });
});
