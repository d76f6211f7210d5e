import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createClient, type Client, type ClientOptions } from '@org/api-client';
import { fakeClient } from '@org/api-client/testing';
import { createCall, runInCall } from '@org/context';
import { contract, exampleNewOrder, exampleOrder } from '@org/example-service-contract';
import { startBuilt, type BuiltService } from '@org/service/testing';
import { waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databases } from '../test-fixtures/databases.ts';
import { createOrders } from '../src/orders.ts';
import { main } from './built.ts';

type OrdersClient = Client<typeof contract>;

let service: BuiltService;
beforeAll(async () => {
  service = await startBuilt(main);
});
afterAll(() => service[Symbol.asyncDispose]());

const clientOf = (options: ClientOptions = {}): OrdersClient =>
  createClient(contract, { url: service.url, timeoutMs: 10_000 }, options);

const [item] = exampleNewOrder.items;
const unknownId = '00000000-0000-4000-8000-000000000000';

/** What differs between any two orders. */
const own = { id: expect.any(String), number: expect.any(Number), placedAt: expect.any(String) };

describe('a client of the built service', () => {
  test('places, reads, lists and cancels orders', async () => {
    const client = clientOf();
    const placed = await client.createOrder({ body: exampleNewOrder });
    expect(placed).toEqual({ ...exampleOrder, ...own });
    expect(await client.getOrder({ params: { id: placed.id } })).toEqual(placed);
    expect((await client.listOrders({ query: { status: 'placed', limit: 100 } })).items).toContainEqual(placed);
    expect(await client.cancelOrder({ params: { id: placed.id } })).toEqual({ ...placed, status: 'cancelled' });
  });

  test('reads a list page by page', async () => {
    const client = clientOf();
    for (let count = 0; count < 5; count += 1) await client.createOrder({ body: exampleNewOrder });
    const numbers: number[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await client.listOrders({ query: { limit: 2, ...(cursor !== undefined && { cursor }) } });
      numbers.push(...page.items.map(({ number }) => number));
      cursor = page.nextCursor;
    }
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(5);
  });

  test('reads all orders as a stream', async () => {
    const client = clientOf();
    const { id } = await client.createOrder({ body: exampleNewOrder });
    const lines = (await text(Readable.from(await client.exportOrders()))).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ id });
  });

  test('cancels only the order that it has seen', async () => {
    const client = clientOf();
    const { id } = await client.createOrder({ body: exampleNewOrder });
    const etag = (await client.getOrder.answer({ params: { id } })).headers.get('etag')!;
    const headers = { 'if-match': etag };
    await client.cancelOrder({ params: { id } }, { headers });
    await expect(client.cancelOrder({ params: { id } }, { headers })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'PRECONDITION_FAILED',
    });
  });

  test('gets the same order for the same key, and is told so', async () => {
    const client = clientOf();
    const [first, again] = [
      await client.createOrder.answer({ body: exampleNewOrder }, { idempotencyKey: 'client-test' }),
      await client.createOrder.answer({ body: exampleNewOrder }, { idempotencyKey: 'client-test' }),
    ];
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('location')).toBe(`/orders/${first.body.id}`);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('has the id of the current call in the log of the service', async () => {
    using call = createCall({ requestId: 'client-test-1' });
    await runInCall(call, () => clientOf().listOrders());
    const lines = () => service.logs.filter(({ request_id }) => request_id === 'client-test-1');
    await waitFor(() => lines().length > 0, { what: 'the line of the request' });
    expect(lines()).toMatchObject([{ msg: 'request', route: '/orders', status: 200 }]);
  });

  test('ends a call whose time is over before the service has begun', async () => {
    await expect(clientOf().listOrders({}, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });
});

/** A caller's day: each call with what it comes to, whatever the ids are. */
async function outcomes(client: OrdersClient): Promise<unknown[]> {
  const seen: unknown[] = [];
  let latest = unknownId;
  const note = async (call: Promise<unknown>) => {
    const outcome = await call.then(
      (value) => ({ value }),
      (error: { toJSON(): unknown }) => ({ error: error.toJSON() }),
    );
    const json = JSON.stringify(outcome).replaceAll(latest, '<latest>');
    seen.push(JSON.parse(json, (key, value) => (key === 'number' || key === 'placedAt' ? '<its own>' : value)));
  };
  const place = async (part: object = {}) => {
    const order = await client.createOrder({ body: { ...exampleNewOrder, ...part } });
    latest = order.id;
    return order;
  };
  await note(place());
  await note(place({ items: [{ ...item!, quantity: 0 }], customerName: '' }));
  await note(place({ total: 1 }));
  await note(place({ items: [{ ...item!, quantity: 10_000, unitPrice: Number.MAX_SAFE_INTEGER }] }));
  await note(client.getOrder({ params: { id: unknownId } }));
  await note(client.getOrder({ params: { id: 'a b/ü' } }));
  await note(client.cancelOrder({ params: { id: latest } }));
  await note(client.cancelOrder({ params: { id: latest } }));
  await note(client.listOrders({ query: { limit: 0 } }));
  await note(client.listOrders({ query: { status: 'gone' as 'placed' } }));
  return seen;
}

test('a fake over the same orders and the client of the built service come to the same', async () => {
  await using database = await databases.open();
  const orders = createOrders(database);
  const { client: fake, calls } = fakeClient(contract, {
    createOrder: ({ body }) => orders.place(body),
    getOrder: ({ params }) => orders.find(params.id),
    cancelOrder: ({ params }) => orders.cancel(params.id),
  });
  const [ofFake, ofService] = [await outcomes(fake), await outcomes(clientOf())];
  expect(ofFake).toEqual(ofService);
  expect(calls).toHaveLength(ofFake.length);
  expect(ofService.map((outcome) => (outcome as { error?: { reason?: string } }).error?.reason)).toEqual([
    undefined,
    'REQUEST_INVALID',
    'REQUEST_INVALID',
    'AMOUNT_TOO_LARGE',
    'ORDER_NOT_FOUND',
    'REQUEST_INVALID',
    undefined,
    'ORDER_NOT_CANCELLABLE',
    'REQUEST_INVALID',
    'REQUEST_INVALID',
  ]);
});

test('a fake without handlers answers from the examples of the contract', async () => {
  const { client } = fakeClient(contract);
  expect(await client.createOrder({ body: exampleNewOrder })).toEqual(exampleOrder);
  expect(await client.getOrder({ params: { id: exampleOrder.id } })).toEqual(exampleOrder);
  await expect(client.listOrders()).rejects.toMatchObject({ code: 'unimplemented' });
});
