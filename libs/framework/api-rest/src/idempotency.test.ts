import { defineOperation } from '@org/contract';
import { ServiceError } from '@org/errors';
import { waitFor } from '@org/testing';
import * as z from 'zod';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { json, problemOf, serve, type TestOptions } from '../test-fixtures/serve.ts';
import { idempotencyConformance } from './conformance/index.ts';
import { created, implement, memoryIdempotencyStore, type IdempotencyStore } from './index.ts';

const order = z.object({ id: z.string(), number: z.int() });
const definition = {
  id: 'placeOrder',
  method: 'POST',
  path: '/orders',
  summary: 'Place an order',
  body: order.omit({ number: true }),
  success: { status: 201, description: 'The order', body: order },
} as const;
const placeOrder = defineOperation({ ...definition, idempotencyKey: 'required' });
const placeOther = defineOperation({ ...definition, id: 'placeOther', path: '/others', idempotencyKey: 'optional' });

/** Numbers what it does, so that doing it twice shows. */
async function serveOrders(options: TestOptions & { before?: (number: number) => Promise<void> | void } = {}) {
  let number = 0;
  const { before, ...rest } = options;
  const handler = async ({ body }: { body: { id: string } }) => {
    number += 1;
    const own = number;
    await before?.(own);
    return created(`/orders/${own}`, { id: body.id, number: own });
  };
  const server = await serve([implement(placeOrder, handler), implement(placeOther, handler)], rest);
  return Object.assign(server, { done: () => number });
}

const keyed = (key: string, id = 'a') => json({ id }, { 'idempotency-key': key });

describe('the idempotency key', () => {
  test('gives the same answer to the same request, and does it once', async () => {
    await using server = await serveOrders();
    const first = await fetch(`${server.url}/orders`, keyed('k1'));
    const second = await fetch(`${server.url}/orders`, keyed('k1'));
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(await second.text()).toBe(await first.text());
    expect(server.done()).toBe(1);
  });

  test('with another body is refused with 422', async () => {
    await using server = await serveOrders();
    await fetch(`${server.url}/orders`, keyed('k1'));
    const problem = await problemOf(await fetch(`${server.url}/orders`, keyed('k1', 'b')));
    expect(problem).toMatchObject({ status: 422, code: 'invalid_argument', reason: 'IDEMPOTENCY_KEY_REUSED' });
  });

  test('whose first request is still running is refused with 409', async () => {
    const gate = Promise.withResolvers<void>();
    await using server = await serveOrders({ before: () => gate.promise });
    const first = fetch(`${server.url}/orders`, keyed('k1'));
    await waitFor(() => server.done() === 1, { what: 'the first to run' });
    const second = await fetch(`${server.url}/orders`, keyed('k1'));
    expect(second.headers.get('retry-after')).toBe('1');
    expect(await problemOf(second)).toMatchObject({ status: 409, code: 'aborted', reason: 'IDEMPOTENCY_KEY_IN_USE' });
    gate.resolve();
    expect((await first).status).toBe(201);
    expect((await fetch(`${server.url}/orders`, keyed('k1'))).headers.get('idempotency-replayed')).toBe('true');
  });

  test('is free again when the work failed', async () => {
    await using server = await serveOrders({
      before(number) {
        if (number === 1) throw new ServiceError('unavailable', 'Not now');
      },
    });
    expect((await fetch(`${server.url}/orders`, keyed('k1'))).status).toBe(503);
    expect((await fetch(`${server.url}/orders`, keyed('k1', 'b'))).status).toBe(201);
    expect(server.done()).toBe(2);
  });

  test('is free again when the request did not fit', async () => {
    await using server = await serveOrders();
    expect((await fetch(`${server.url}/orders`, json({}, { 'idempotency-key': 'k1' }))).status).toBe(400);
    expect((await fetch(`${server.url}/orders`, keyed('k1'))).status).toBe(201);
  });

  test('counts for one operation', async () => {
    await using server = await serveOrders();
    await fetch(`${server.url}/orders`, keyed('k1'));
    expect((await fetch(`${server.url}/others`, keyed('k1', 'b'))).status).toBe(201);
    expect(server.done()).toBe(2);
  });

  test('may be left out where it is optional', async () => {
    await using server = await serveOrders();
    for (const expected of [1, 2]) {
      expect(await (await fetch(`${server.url}/others`, json({ id: 'a' }))).json()).toMatchObject({ number: expected });
    }
  });

  test('keeps the answer of work that went on when nobody waited any more', async () => {
    const gate = Promise.withResolvers<void>();
    await using server = await serveOrders({ before: () => gate.promise });
    const { headers, ...rest } = keyed('k1');
    const hurried = { ...rest, headers: { ...(headers as object), 'x-request-timeout': '20' } };
    expect((await fetch(`${server.url}/orders`, hurried)).status).toBe(504);
    gate.resolve();
    await waitFor(async () => (await fetch(`${server.url}/orders`, keyed('k1'))).status === 201, {
      what: 'the answer',
    });
    expect(server.done()).toBe(1);
  });

  test.each([undefined, '', ' ', 'a b', 'x'.repeat(256), 'ä'])('is refused as %j', async (key) => {
    await using server = await serveOrders();
    const problem = await problemOf(
      await fetch(`${server.url}/orders`, json({ id: 'a' }, key === undefined ? {} : { 'idempotency-key': key })),
    );
    expect(problem).toMatchObject({ status: 400, reason: 'IDEMPOTENCY_KEY_MALFORMED' });
  });

  test('may be kept by whatever does work and mark together', async () => {
    const seen: string[][] = [];
    const idempotency: IdempotencyStore = {
      async run(key, fingerprint, work) {
        seen.push([key, fingerprint]);
        return { result: JSON.parse(JSON.stringify(await work())), replayed: false };
      },
    };
    await using server = await serveOrders({ idempotency });
    expect((await fetch(`${server.url}/orders`, keyed('k1'))).status).toBe(201);
    expect(seen).toEqual([['["placeOrder",null,"k1"]', expect.stringMatching(/^[0-9a-f]{64}$/)]]);
  });
});

describe('the store in memory', () => {
  afterEach(() => vi.useRealTimers());
  const value = (result: string) => () => Promise.resolve(result);
  for (const { name, run } of idempotencyConformance(memoryIdempotencyStore)) test(name, run);

  test('forgets an answer when its time is over', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const store = memoryIdempotencyStore({ ttlMs: 1000 });
    await store.run('k', 'f', value('first'));
    vi.advanceTimersByTime(999);
    expect(await store.run('k', 'f', value('second'))).toEqual({ result: 'first', replayed: true });
    vi.advanceTimersByTime(1);
    expect(await store.run('k', 'other', value('second'))).toEqual({ result: 'second', replayed: false });
  });

  test('remembers a bounded number of answers, the youngest ones', async () => {
    const store = memoryIdempotencyStore({ maximum: 2 });
    for (const key of ['a', 'b', 'c']) await store.run(key, 'f', value(key));
    expect((await store.run('b', 'f', value('again'))).replayed).toBe(true);
    expect((await store.run('c', 'f', value('again'))).replayed).toBe(true);
    expect((await store.run('a', 'f', value('again'))).replayed).toBe(false);
  });

  test('takes a bounded number of keys at a time', async () => {
    const store = memoryIdempotencyStore({ maximum: 1 });
    const gate = Promise.withResolvers<string>();
    const running = store.run('a', 'f', () => gate.promise);
    await expect(store.run('b', 'f', value('b'))).rejects.toMatchObject({
      code: 'resource_exhausted',
      reason: 'IDEMPOTENCY_STORE_FULL',
    });
    gate.resolve('a');
    await running;
    expect((await store.run('b', 'f', value('b'))).result).toBe('b');
  });

  test.each([{ ttlMs: 0 }, { ttlMs: 1.5 }, { maximum: -1 }, { maximum: Number.NaN }])('refuses %j', (options) => {
    expect(() => memoryIdempotencyStore(options)).toThrow(RangeError);
  });
});
