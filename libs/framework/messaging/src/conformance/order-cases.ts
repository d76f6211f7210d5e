import { deepEqual } from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '@org/errors';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { createGate, numbers, numbersOf } from './gate.ts';
import { awaitLetters } from './letters.ts';

const keys = ['a', 'b', 'c', 'd'] as const;

/** What order means. */
export const orderCases: Cases = {
  'messages of one key are worked on one after another in their order, those of others beside them': async (world) => {
    const broker = await world.broker();
    const got: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
    const atWork = new Set<string>();
    const overlaps: string[] = [];
    let most = 0;
    const handler = handle(world.happened, async ({ data }) => {
      const key = data.key!;
      if (atWork.has(key)) overlaps.push(key);
      atWork.add(key);
      most = Math.max(most, atWork.size);
      await delay(data.number % 3);
      atWork.delete(key);
      got[key]!.push(data.number);
    });
    await world.consume(broker, [handler], { ordered: true, concurrency: 8 });
    for (const number of numbers(10)) for (const key of keys) await broker.publish(world.happened, { number, key });
    await world.waitFor(() => keys.every((key) => got[key]!.length === 10), 'all of them');
    deepEqual(got, { a: numbers(10), b: numbers(10), c: numbers(10), d: numbers(10) });
    deepEqual(overlaps, []);
  },

  'a failed message in an ordered group holds up its key, and no other': async (world) => {
    const broker = await world.broker();
    const seen: string[] = [];
    const others = createGate();
    const handler = handle(world.happened, ({ data, attempt }) => {
      seen.push(`${data.key}${data.number}/${attempt}`);
      if (data.key === 'b' && data.number === 3) others.open();
      if (data.key === 'a' && data.number === 1 && attempt < 3) throw new ServiceError('unavailable', 'Not yet');
    });
    const options = { ordered: true, concurrency: 1, retryDelaysMs: [world.delayMs * 4, world.delayMs] };
    await world.consume(broker, [handler], options);
    for (const number of numbers(3))
      for (const key of ['a', 'b']) await broker.publish(world.happened, { number, key });
    await others.opened;
    await world.waitFor(() => seen.length === 8, 'all of them');
    const of = (key: string) => seen.filter((each) => each.startsWith(key));
    deepEqual(of('a'), ['a1/1', 'a1/2', 'a1/3', 'a2/1', 'a3/1']);
    deepEqual(of('b'), ['b1/1', 'b2/1', 'b3/1']);
    // The others were done while the first waited.
    deepEqual(seen.indexOf('b3/1') < seen.indexOf('a1/2'), true);
  },

  'a key goes on when its message is set aside': async (world) => {
    const broker = await world.broker();
    const seen: number[] = [];
    const handler = handle(world.happened, ({ data }) => {
      seen.push(data.number);
      if (data.number === 1) throw new ServiceError('aborted', 'Never');
    });
    await world.consume(broker, [handler], { ordered: true, retryDelaysMs: [world.delayMs] });
    for (const number of numbers(2)) await broker.publish(world.happened, { number, key: 'a' });
    await world.waitFor(() => seen.includes(2), 'the next one');
    deepEqual(seen, [1, 1, 2]);
    await awaitLetters(world, broker, 1);
  },

  'order holds among the members of a group': {
    needs: 'ordersAcrossConsumers',
    async prove(world) {
      const got: Record<string, number[]> = { a: [], b: [], c: [], d: [] };
      const handler = handle(world.happened, async ({ data }) => {
        await delay(data.number % 3);
        got[data.key!]!.push(data.number);
      });
      const members = [await world.broker(), await world.broker()];
      const consumers = [];
      for (const member of members) consumers.push(await world.consume(member, [handler], { ordered: true }));
      const publisher = await world.broker();
      for (const number of numbers(20)) {
        for (const key of keys) await publisher.publish(world.happened, { number, key });
        // One of them leaves while there is work.
        if (number === 10) void consumers[0]!.drain(AbortSignal.timeout(5_000));
      }
      await world.waitFor(() => keys.every((key) => got[key]!.length >= 20), 'all of them');
      deepEqual(got, { a: numbers(20), b: numbers(20), c: numbers(20), d: numbers(20) });
    },
  },

  'a message in an ordered group that waits for its attempt goes back when its consumer stops': async (world) => {
    const [first, second] = [await world.broker(), await world.broker()];
    const failed = createGate();
    const failing = handle(world.happened, () => {
      failed.open();
      throw new ServiceError('unavailable', 'Not here');
    });
    const options = { ordered: true, retryDelaysMs: [60_000] };
    const consumers = await world.consume(first, [failing], options);
    for (const number of numbers(3)) await second.publish(world.happened, { number, key: 'a' });
    await failed.opened;
    await consumers.drain(AbortSignal.timeout(5_000));
    const got = await world.collect(second, options);
    await world.waitFor(() => got.length === 3, 'all of them');
    deepEqual(numbersOf(got), [1, 2, 3]);
  },
};
