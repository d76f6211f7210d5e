import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';
import { createTurns } from './turns.ts';

const { signal } = new AbortController();

test('slots let in so many, and the others in their order', async () => {
  const slots = createSlots(2);
  const releases = [await slots.take(signal), await slots.take(signal)];
  const order: number[] = [];
  const waiting = [1, 2, 3].map(async (number) => {
    const release = await slots.take(signal);
    order.push(number);
    release();
  });
  expect([slots.used, slots.waiting]).toEqual([2, 3]);
  for (const release of releases) release();
  await Promise.all(waiting);
  expect([order, slots.used, slots.waiting]).toEqual([[1, 2, 3], 0, 0]);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('whoever gives up leaves the queue, and takes no slot', async () => {
  const slots = createSlots(1);
  const release = await slots.take(signal);
  const client = new AbortController();
  const gone = new Error('gone');
  const given = slots.take(client.signal);
  const next = slots.take(signal);
  client.abort(gone);
  await expect(given).rejects.toBe(gone);
  release();
  (await next)();
  expect([slots.used, slots.waiting]).toEqual([0, 0]);
  await expect(slots.take(client.signal)).rejects.toBe(gone);
});

test('turns go on after one that fails', async () => {
  const turns = createTurns();
  const order: string[] = [];
  const first = turns(async () => {
    await Promise.resolve();
    order.push('first');
    throw new Error('failed');
  });
  const second = turns(async () => void order.push('second'));
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['first', 'second']);
});
