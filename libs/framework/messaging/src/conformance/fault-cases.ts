import { deepEqual, equal, ok } from 'node:assert/strict';
import type { ConsumeOptions } from '../consume.ts';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { numbers } from './gate.ts';
import { createLedger } from './ledger.ts';
import { awaitLetters } from './letters.ts';
import type { World } from './world.ts';

/** A message whose consumer dies in its handler; and another consumer's connection. */
async function dieInHandler(world: World, options?: ConsumeOptions) {
  const [first, second] = [await world.broker(), await world.broker()];
  const work = world.halt();
  await world.consume(first, [handle(world.happened, work.halt)], options);
  const { id } = await second.publish(world.happened, { number: 1 });
  await work.halted;
  // The connection goes, and nothing was settled.
  await first.transport[Symbol.asyncDispose]();
  return { id, second };
}

/** What happens when consumers die. */
export const faultCases: Cases = {
  'a message whose consumer dies in its handler is delivered again': async (world) => {
    const { id, second } = await dieInHandler(world);
    const got = await world.collect(second);
    await world.waitFor(() => got.length > 0, 'the second delivery');
    equal(got[0]!.event.id, id);
  },

  'deliveries of those who died count as attempts': {
    needs: 'countsCrashes',
    async prove(world) {
      const { second } = await dieInHandler(world);
      const got = await world.collect(second);
      await world.waitFor(() => got.length > 0, 'the second delivery');
      equal(got[0]!.attempt, 2);
    },
  },

  'a message of which consumers die is set aside when its attempts are used up': {
    needs: 'countsCrashes',
    async prove(world) {
      const { second } = await dieInHandler(world, { retryDelaysMs: [] });
      const got = await world.collect(second, { retryDelaysMs: [] });
      const [letter] = await awaitLetters(world, second, 1);
      deepEqual([got.length, letter!.failure.reason, letter!.failure.attempts], [0, 'ATTEMPTS_USED_UP', 1]);
    },
  },

  'a message that was handled is not delivered again when its consumer goes': async (world) => {
    const first = await world.broker();
    const got: number[] = [];
    const handler = handle(world.happened, ({ data }) => void got.push(data.number));
    const consumers = await world.consume(first, [handler], { concurrency: 1 });
    await first.publish(world.happened, { number: 1 });
    await world.waitFor(() => got.length === 1, 'the event');
    await consumers.drain(AbortSignal.timeout(5_000));
    await first[Symbol.asyncDispose]();
    const second = await world.broker();
    await world.consume(second, [handler], { concurrency: 1 });
    await second.publish(world.happened, { number: 2 });
    await world.waitFor(() => got.includes(2), 'the next event');
    deepEqual(got, [1, 2]);
  },

  'a message that waits for its next attempt outlives its consumer': {
    needs: 'delaysInBroker',
    async prove(world) {
      const [first, second] = [await world.broker(), await world.broker()];
      const options = { retryDelaysMs: [world.delayMs * 6] };
      const failing = handle(world.happened, () => {
        throw new Error('it fails');
      });
      await world.consume(first, [failing], options);
      await second.publish(world.happened, { number: 1 });
      await world.waitFor(() => world.logger.lines.some(({ message }) => /comes again/.test(message)), 'the failure');
      // The outcome is on its way: a drain carries it out.
      await first[Symbol.asyncDispose]();
      const got = await world.collect(second, options);
      await world.waitFor(() => got.length > 0, 'the second attempt');
      equal(got[0]!.attempt, 2);
    },
  },

  'while consumers die again and again, every message is handled, and few of them twice': async (world) => {
    const publisher = await world.broker();
    const [count, concurrency, deaths] = [500, 10, 8];
    const ledger = createLedger<number>();
    const handler = handle(world.happened, async ({ data }) => {
      await new Promise((resolve) => setImmediate(resolve));
      ledger.handle(data.number);
    });
    const options = { concurrency, retryDelaysMs: Array.from({ length: 20 }, () => world.delayMs) };
    let member = await world.broker();
    await world.consume(member, [handler], options);
    const publishing = (async () => {
      for (const number of numbers(count)) await publisher.publish(world.happened, { number });
    })();
    for (const death of numbers(deaths)) {
      await world.waitFor(() => ledger.handled.size >= (count / (deaths + 1)) * death, 'some progress');
      // The connection goes in the midst of the work, and another consumer comes.
      await member.transport[Symbol.asyncDispose]();
      member = await world.broker();
      await world.consume(member, [handler], options);
    }
    await publishing;
    await world.waitFor(() => ledger.handled.size === count, 'all of them');
    // Each who dies leaves at most what it was given.
    ok(ledger.duplicates() <= deaths * concurrency, `${ledger.duplicates()} duplicates`);
  },
};
