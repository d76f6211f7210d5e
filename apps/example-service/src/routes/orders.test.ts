import { requestRoutes } from '@org/api-rest/testing';
import { contract, exampleNewOrder, type Order } from '@org/example-service-contract';
import { afterAll, describe, expect, test } from 'vitest';
import { databases } from '../../test-fixtures/databases.ts';
import { createOrders } from '../orders.ts';
import { orderRoutes } from './orders.ts';

// The routes alone, over a database of their own; no kernel and no ops port.

const database = await databases.open();
afterAll(() => database[Symbol.asyncDispose]());
const orders = createOrders(database);
const { fetch } = requestRoutes({ contract, routes: orderRoutes(orders), idempotency: database.idempotency });
const allOrders = () => Array.fromAsync(orders.all());

const post = (path: string, json?: unknown, headers: Record<string, string> = {}) =>
  fetch(path, { method: 'POST', json, headers });
const placed = async (part = {}) => (await (await post('/orders', { ...exampleNewOrder, ...part })).json()) as Order;

describe('POST /orders', () => {
  test('answers 201 with the order and where it is', async () => {
    const response = await post('/orders', exampleNewOrder);
    const order = (await response.json()) as Order;
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/orders/${order.id}`);
    expect(order).toMatchObject({ ...exampleNewOrder, status: 'placed', total: 2500 });
    expect(await (await fetch(`/orders/${order.id}`)).json()).toEqual(order);
  });

  test('says where each fault is', async () => {
    const response = await post('/orders', { ...exampleNewOrder, items: [{ sku: '', quantity: 0 }], totl: 1 });
    const problem = (await response.json()) as { errors: { pointer: string }[] };
    expect(problem).toMatchObject({ status: 400, code: 'invalid_argument', reason: 'REQUEST_INVALID' });
    expect(problem.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/items/0/quantity',
      '/items/0/sku',
      '/items/0/unitPrice',
      '/totl',
    ]);
  });

  test('refuses a total that is not exact any more', async () => {
    const items = [{ sku: 'moon', quantity: 10_000, unitPrice: Number.MAX_SAFE_INTEGER }];
    const response = await post('/orders', { ...exampleNewOrder, items });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ reason: 'AMOUNT_TOO_LARGE' });
  });

  test('gives the same order for the same Idempotency-Key, and refuses another order for it', async () => {
    const key = { 'idempotency-key': 'order-1' };
    const [first, second] = [await post('/orders', exampleNewOrder, key), await post('/orders', exampleNewOrder, key)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await second.json()).toEqual(await first.json());
    const third = await post('/orders', { ...exampleNewOrder, customerName: 'Grace Hopper' }, key);
    expect(third.status).toBe(422);
  });
});

describe('GET /orders', () => {
  test('goes through all orders page by page, each once', async () => {
    for (let count = 0; count < 5; count += 1) await placed();
    const all = await allOrders();
    const numbers: number[] = [];
    for (let next: string | undefined = '/orders?limit=2'; next;) {
      const page = (await (await fetch(next)).json()) as { items: Order[]; nextCursor?: string };
      expect(page.items.length).toBeLessThanOrEqual(2);
      numbers.push(...page.items.map(({ number }) => number));
      next = page.nextCursor && `/orders?limit=2&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    expect(numbers).toEqual(all.map(({ number }) => number));
  });

  test('lists those of one status', async () => {
    const { id } = await placed();
    await orders.settle(id);
    const page = await (await fetch('/orders?status=paid')).json();
    expect(page).toMatchObject({ items: [{ id, status: 'paid' }] });
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=nonsense',
    'cursor=',
    'cursor=WyJvbmUiXQ',
    'status=lost',
    'limit=1&limit=2',
  ])('refuses ?%s', async (query) => {
    const response = await fetch(`/orders?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid_argument' });
  });
});

describe('GET /orders/:id', () => {
  test('answers 404 for an order that does not exist', async () => {
    const response = await fetch('/orders/6f9619ff-8b86-4d01-b42d-00cf4fc964ff');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'not_found', reason: 'ORDER_NOT_FOUND' });
  });

  test('has a tag that changes with the order', async () => {
    const { id } = await placed();
    const etag = (await fetch(`/orders/${id}`)).headers.get('etag')!;
    const unchanged = await fetch(`/orders/${id}`, { headers: { 'if-none-match': etag } });
    expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
    await post(`/orders/${id}/cancel`);
    expect((await fetch(`/orders/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('answers 400 for what is no id', async () => {
    expect((await fetch('/orders/7')).status).toBe(400);
  });
});

describe('GET /orders/export', () => {
  test('gives all orders, one a line', async () => {
    await placed({ note: 'Ring\ntwice' });
    const response = await fetch('/orders/export');
    expect(response.headers.get('content-type')).toBe('application/jsonl');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as Order)).toEqual(await allOrders());
  });
});

describe('POST /orders/:id/cancel', () => {
  test('cancels the order that is meant, and no other state of it', async () => {
    const { id } = await placed();
    const etag = (await fetch(`/orders/${id}`)).headers.get('etag')!;
    await orders.settle(id);
    const refused = await post(`/orders/${id}/cancel`, undefined, { 'if-match': etag });
    expect(refused.status).toBe(412);
    expect(await refused.json()).toMatchObject({ reason: 'PRECONDITION_FAILED' });
    const now = (await fetch(`/orders/${id}`)).headers.get('etag')!;
    expect((await post(`/orders/${id}/cancel`, undefined, { 'if-match': now })).status).toBe(200);
  });

  test('cancels once, and refuses to do it again', async () => {
    const { id } = await placed();
    const first = await post(`/orders/${id}/cancel`);
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({ id, status: 'cancelled' });
    const second = await post(`/orders/${id}/cancel`);
    expect(second.status).toBe(400);
    expect(await second.json()).toMatchObject({
      code: 'failed_precondition',
      reason: 'ORDER_NOT_CANCELLABLE',
      details: { status: 'cancelled' },
    });
  });

  test('may be sent again with the same Idempotency-Key', async () => {
    const { id } = await placed();
    const key = { 'idempotency-key': 'cancel-1' };
    const answers = [
      await post(`/orders/${id}/cancel`, undefined, key),
      await post(`/orders/${id}/cancel`, undefined, key),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('lets one of many callers cancel', async () => {
    const { id } = await placed();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(`/orders/${id}/cancel`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});
