import { deepEqual, equal } from 'node:assert/strict';
import type { ServiceError } from '@org/errors';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { createGate, numbers, numbersOf } from './gate.ts';

/** How consumers leave. */
export const drainCases: Cases = {
  'whoever drains finishes what is at work, and takes nothing new': async (world) => {
    const [first, second] = [await world.broker(), await world.broker()];
    const work = world.halt();
    const done: number[] = [];
    const slow = handle(world.happened, async ({ data }) => {
      await work.halt();
      done.push(data.number);
    });
    const consumers = await world.consume(first, [slow], { concurrency: 1 });
    for (const number of numbers(3)) await second.publish(world.happened, { number });
    await work.halted;
    let drained = false;
    const draining = consumers.drain(AbortSignal.timeout(10_000)).then(() => (drained = true));
    await new Promise((resolve) => setTimeout(resolve, world.delayMs));
    equal(drained, false);
    work.goOn();
    await draining;
    deepEqual(done.length, 1);
    const others = await world.collect(second);
    await world.waitFor(() => others.length === 2, 'what was left');
    deepEqual([...done, ...numbersOf(others)].toSorted(), numbers(3));
  },

  'work that does not end while draining is told to, and its message goes back': async (world) => {
    const [first, second] = [await world.broker(), await world.broker()];
    const started = createGate();
    const reasons: unknown[] = [];
    const hanging = handle(world.happened, async (_, { signal }) => {
      started.open();
      signal.addEventListener('abort', () => reasons.push((signal.reason as ServiceError).code), { once: true });
      await new Promise(() => {});
    });
    const consumers = await world.consume(first, [hanging]);
    await second.publish(world.happened, { number: 1 });
    await started.opened;
    await consumers.drain(AbortSignal.timeout(world.delayMs));
    deepEqual(reasons, ['cancelled']);
    const got = await world.collect(second);
    await world.waitFor(() => got.length === 1, 'the message');
  },

  'consumers that are closed without draining lose nothing': async (world) => {
    const [first, second] = [await world.broker(), await world.broker()];
    const got = new Set<number>();
    const handler = handle(world.happened, ({ data }) => void got.add(data.number));
    const consumers = await world.consume(first, [handler]);
    const publishing = (async () => {
      for (const number of numbers(100)) await second.publish(world.happened, { number });
    })();
    await world.waitFor(() => got.size > 5, 'some events');
    await consumers[Symbol.asyncDispose]();
    await world.consume(second, [handler]);
    await publishing;
    await world.waitFor(() => got.size === 100, 'a hundred events');
  },
};
