import { deepEqual, equal, ok } from 'node:assert/strict';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { createGate, numbers } from './gate.ts';
import { lettersOf } from './letters.ts';

/** What happens when consumers die. */
export const faultCases: Cases = {
  'a message whose consumer dies in its handler is delivered again': async (world) => {
    const happened = world.event();
    const [first, second] = [await world.broker([happened]), await world.broker([happened])];
    const gate = createGate();
    const started = createGate();
    const handler = handle(happened, async () => {
      started.open();
      await gate.opened;
    });
    await world.consume(first, [handler]);
    const { id } = await second.publish(happened, { number: 1 });
    await started.opened;
    // The connection goes, and nothing was settled.
    await first.transport[Symbol.asyncDispose]();
    const got: string[] = [];
    await world.consume(second, [handle(happened, ({ event }) => void got.push(event.id))]);
    await world.waitFor(() => got.length > 0, 'the second delivery');
    equal(got[0], id);
    gate.open();
  },

  'deliveries of those who died count as attempts': {
    needs: 'countsCrashes',
    async prove(world) {
      const happened = world.event();
      const [first, second] = [await world.broker([happened]), await world.broker([happened])];
      const gate = createGate();
      const started = createGate();
      const hanging = handle(happened, async () => {
        started.open();
        await gate.opened;
      });
      await world.consume(first, [hanging]);
      await second.publish(happened, { number: 1 });
      await started.opened;
      await first.transport[Symbol.asyncDispose]();
      const attempts: number[] = [];
      await world.consume(second, [handle(happened, ({ attempt }) => void attempts.push(attempt))]);
      await world.waitFor(() => attempts.length > 0, 'the second delivery');
      deepEqual(attempts, [2]);
      gate.open();
    },
  },

  'a message of which consumers die is set aside when its attempts are used up': {
    needs: 'countsCrashes',
    async prove(world) {
      const happened = world.event();
      const [first, second] = [await world.broker([happened]), await world.broker([happened])];
      const gate = createGate();
      const started = createGate();
      const hanging = handle(happened, async () => {
        started.open();
        await gate.opened;
      });
      await world.consume(first, [hanging], { retryDelaysMs: [] });
      await second.publish(happened, { number: 1 });
      await started.opened;
      await first.transport[Symbol.asyncDispose]();
      let handled = 0;
      await world.consume(second, [handle(happened, () => void (handled += 1))], { retryDelaysMs: [] });
      const letter = await world.waitFor(async () => (await lettersOf(second))[0], 'the dead letter');
      deepEqual([handled, letter.failure.reason], [0, 'ATTEMPTS_USED_UP']);
      gate.open();
    },
  },

  'a message that was handled is not delivered again when its consumer goes': async (world) => {
    const happened = world.event();
    const first = await world.broker([happened]);
    const got: number[] = [];
    const handler = handle(happened, ({ data }) => void got.push(data.number));
    const consumers = await world.consume(first, [handler], { concurrency: 1 });
    await first.publish(happened, { number: 1 });
    await world.waitFor(() => got.length === 1, 'the event');
    await consumers.drain(AbortSignal.timeout(5_000));
    await first[Symbol.asyncDispose]();
    const second = await world.broker([happened]);
    await world.consume(second, [handler], { concurrency: 1 });
    await second.publish(happened, { number: 2 });
    await world.waitFor(() => got.includes(2), 'the next event');
    deepEqual(got, [1, 2]);
  },

  'a message that waits for its next attempt outlives its consumer': {
    needs: 'delaysInBroker',
    async prove(world) {
      const happened = world.event();
      const [first, second] = [await world.broker([happened]), await world.broker([happened])];
      const options = { retryDelaysMs: [world.delayMs * 6] };
      const failing = handle(happened, () => {
        throw new Error('it fails');
      });
      await world.consume(first, [failing], options);
      await second.publish(happened, { number: 1 });
      await world.waitFor(() => world.logger.lines.some(({ message }) => /comes again/.test(message)), 'the failure');
      // The outcome is on its way: a drain carries it out.
      await first[Symbol.asyncDispose]();
      const attempts: number[] = [];
      await world.consume(second, [handle(happened, ({ attempt }) => void attempts.push(attempt))], options);
      await world.waitFor(() => attempts.length > 0, 'the second attempt');
      deepEqual(attempts, [2]);
    },
  },

  'while consumers die again and again, every message is handled, and few of them twice': async (world) => {
    const happened = world.event();
    const publisher = await world.broker([happened]);
    const [count, concurrency, deaths] = [500, 10, 8];
    const handled = new Map<number, number>();
    const handler = handle(happened, async ({ data }) => {
      await new Promise((resolve) => setImmediate(resolve));
      handled.set(data.number, (handled.get(data.number) ?? 0) + 1);
    });
    const options = { concurrency, retryDelaysMs: Array.from({ length: 20 }, () => world.delayMs) };
    let member = await world.broker([happened]);
    await world.consume(member, [handler], options);
    const publishing = (async () => {
      for (const number of numbers(count)) await publisher.publish(happened, { number });
    })();
    for (const death of numbers(deaths)) {
      await world.waitFor(() => handled.size >= (count / (deaths + 1)) * death, 'some progress');
      // The connection goes in the midst of the work, and another consumer comes.
      await member.transport[Symbol.asyncDispose]();
      member = await world.broker([happened]);
      await world.consume(member, [handler], options);
    }
    await publishing;
    await world.waitFor(() => handled.size === count, 'all of them');
    const twice = [...handled.values()].reduce((sum, times) => sum + times - 1, 0);
    // Each who dies leaves at most what it was given.
    ok(twice <= deaths * concurrency, `${twice} duplicates`);
  },
};
