import { deepEqual, equal } from 'node:assert/strict';
import type { ServiceError } from '@org/errors';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { createGate, numbers } from './gate.ts';

/** How consumers leave. */
export const drainCases: Cases = {
  'whoever drains finishes what is at work, and takes nothing new': async (world) => {
    const happened = world.event();
    const [first, second] = [await world.broker([happened]), await world.broker([happened])];
    const [started, gate] = [createGate(), createGate()];
    const done: number[] = [];
    const slow = handle(happened, async ({ data }) => {
      started.open();
      await gate.opened;
      done.push(data.number);
    });
    const consumers = await world.consume(first, [slow], { concurrency: 1 });
    for (const number of numbers(3)) await second.publish(happened, { number });
    await started.opened;
    let drained = false;
    const draining = consumers.drain(AbortSignal.timeout(10_000)).then(() => (drained = true));
    await new Promise((resolve) => setTimeout(resolve, world.delayMs));
    equal(drained, false);
    gate.open();
    await draining;
    deepEqual(done.length, 1);
    const others: number[] = [];
    await world.consume(second, [handle(happened, ({ data }) => void others.push(data.number))]);
    await world.waitFor(() => others.length === 2, 'what was left');
    deepEqual([...done, ...others].toSorted(), numbers(3));
  },

  'work that does not end while draining is told to, and its message goes back': async (world) => {
    const happened = world.event();
    const [first, second] = [await world.broker([happened]), await world.broker([happened])];
    const started = createGate();
    const reasons: unknown[] = [];
    const hanging = handle(happened, async (_, { signal }) => {
      started.open();
      signal.addEventListener('abort', () => reasons.push((signal.reason as ServiceError).code), { once: true });
      await new Promise(() => {});
    });
    const consumers = await world.consume(first, [hanging]);
    await second.publish(happened, { number: 1 });
    await started.opened;
    await consumers.drain(AbortSignal.timeout(world.delayMs));
    deepEqual(reasons, ['cancelled']);
    const got: number[] = [];
    await world.consume(second, [handle(happened, ({ data }) => void got.push(data.number))]);
    await world.waitFor(() => got.length === 1, 'the message');
  },

  'consumers that are closed without draining lose nothing': async (world) => {
    const happened = world.event();
    const [first, second] = [await world.broker([happened]), await world.broker([happened])];
    const got = new Set<number>();
    const consumers = await world.consume(first, [handle(happened, ({ data }) => void got.add(data.number))]);
    const publishing = (async () => {
      for (const number of numbers(100)) await second.publish(happened, { number });
    })();
    await world.waitFor(() => got.size > 5, 'some events');
    await consumers[Symbol.asyncDispose]();
    await world.consume(second, [handle(happened, ({ data }) => void got.add(data.number))]);
    await publishing;
    await world.waitFor(() => got.size === 100, 'a hundred events');
  },
};
