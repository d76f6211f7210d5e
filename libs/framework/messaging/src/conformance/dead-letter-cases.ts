import { deepEqual, equal } from 'node:assert/strict';
import { ServiceError } from '@org/errors';
import { decodeMessage } from '@org/payload';
import { handle } from '../handle.ts';
import { subscriptionOf } from '../subscription.ts';
import type { Cases } from './conformance.ts';
import { numbers, numbersOf } from './gate.ts';
import { all, awaitLetters, firstConsumed, lettersOf, storeOf } from './letters.ts';
import type { World } from './world.ts';

const soon = () => AbortSignal.timeout(5_000);

/** A consumer that fails until it is mended, with so many dead letters. */
async function failed(world: World, count: number) {
  const broker = await world.broker();
  const got: { id: string; attempt: number; number: number }[] = [];
  const state = { mended: false };
  const handler = handle(world.happened, ({ data, event, attempt }) => {
    if (!state.mended) {
      throw new ServiceError(data.number % 2 === 0 ? 'not_found' : 'out_of_range', 'It is not there');
    }
    got.push({ id: event.id, attempt, number: data.number });
  });
  await world.consume(broker, [handler], { concurrency: 1 });
  const ids: string[] = [];
  for (const number of numbers(count)) ids.push((await broker.publish(world.happened, { number })).id);
  await awaitLetters(world, broker, count);
  return { broker, ids, got, state };
}

/** What an operator can do with what was set aside. */
export const deadLetterCases: Cases = {
  'looking at dead letters takes nothing away, however often': async (world) => {
    const { broker, ids } = await failed(world, 3);
    for (const _ of numbers(25)) {
      deepEqual(
        (await lettersOf(broker)).map(({ id }) => id),
        ids,
      );
    }
    deepEqual(
      (await lettersOf(broker, 2)).map(({ id }) => id),
      ids.slice(0, 2),
    );
    const { subscription } = firstConsumed(broker);
    const { count, oldestAt } = await broker.transport.deadLetters(subscription).size(soon());
    equal(count, 3);
    equal(oldestAt === undefined || Math.abs(Date.now() - oldestAt) < 60_000, true);
  },

  'a dead letter is what was published': async (world) => {
    const { broker, ids } = await failed(world, 1);
    const [letter] = await lettersOf(broker);
    const event = decodeMessage(letter!.wire, world.options.adapter.binding);
    deepEqual([event.id, event.type, event.data], [ids[0], world.happened.type, { number: 1 }]);
    equal(
      Object.keys(letter!.wire.headers).some((name) => name.startsWith('dead-letter-')),
      false,
    );
  },

  'redriven letters come again under their id, with their attempts counted anew': async (world) => {
    const { broker, ids, got, state } = await failed(world, 5);
    state.mended = true;
    equal(await storeOf(broker).redrive(all(), soon()), 5);
    await world.waitFor(() => got.length === 5, 'all of them');
    deepEqual(got.map(({ id }) => id).toSorted(), ids.toSorted());
    deepEqual(new Set(got.map(({ attempt }) => attempt)), new Set([1]));
    await awaitLetters(world, broker, 0);
  },

  'those of a filter are redriven, no more than asked for, and the others stay': async (world) => {
    const { broker, got, state } = await failed(world, 6);
    state.mended = true;
    const even = { matches: ({ failure }: { failure: { code: string } }) => failure.code === 'not_found', limit: 2 };
    let waited = 0;
    equal(await storeOf(broker).redrive({ ...even, before: async () => void (waited += 1) }, soon()), 2);
    await world.waitFor(() => got.length === 2, 'two of them');
    deepEqual([got.map(({ number }) => number).toSorted(), waited], [[2, 4], 2]);
    equal((await lettersOf(broker)).length, 4);
  },

  'what is redriven and fails again is set aside again': async (world) => {
    const { broker, ids } = await failed(world, 1);
    equal(await storeOf(broker).redrive(all(), soon()), 1);
    const [letter] = await awaitLetters(world, broker, 1);
    deepEqual([letter!.id, letter!.failure.attempts], [ids[0], 1]);
  },

  'deleted letters are gone, and the others stay': async (world) => {
    const { broker, ids } = await failed(world, 3);
    const second = { matches: ({ id }: { id: string }) => id === ids[1], limit: 10 };
    equal(await storeOf(broker).remove(second, soon()), 1);
    deepEqual(
      (await lettersOf(broker)).map(({ id }) => id),
      [ids[0], ids[2]],
    );
    equal(await storeOf(broker).remove(second, soon()), 0);
  },

  'a redriven letter goes to those alone who could not take it': async (world) => {
    const { broker, state, got } = await failed(world, 1);
    const others = await world.collect(broker, { group: `other-${world.token}`, concurrency: 1 });
    state.mended = true;
    equal(await storeOf(broker).redrive(all(), soon()), 1);
    await world.waitFor(() => got.length === 1, 'the redriven one');
    await broker.publish(world.happened, { number: 9 });
    await world.waitFor(() => others.length > 0, 'the next event');
    deepEqual(numbersOf(others), [9]);
  },

  'dead letters of a subscription that never was are none': async (world) => {
    const transport = await world.connect();
    const store = transport.deadLetters(subscriptionOf(world.happened, {}, world.token));
    deepEqual(await store.list(all(), soon()), []);
    equal(await store.redrive(all(), soon()), 0);
    equal(await store.remove(all(), soon()), 0);
    equal((await store.size(soon())).count, 0);
  },

  'dead letters outlive the connection of their consumer': async (world) => {
    const { broker, ids } = await failed(world, 2);
    const { subscription } = firstConsumed(broker);
    await broker[Symbol.asyncDispose]();
    const transport = await world.connect();
    const letters = await transport.deadLetters(subscription).list(all(), soon());
    deepEqual(
      letters.map(({ id }) => id),
      ids,
    );
  },
};
