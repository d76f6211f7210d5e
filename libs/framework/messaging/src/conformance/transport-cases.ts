import { deepEqual, ok, partialDeepStrictEqual, rejects } from 'node:assert/strict';
import { subscriptionOf } from '../subscription.ts';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { numbers, numbersOf } from './gate.ts';
import { firstConsumed } from './letters.ts';

/** What the core relies on beneath all this. */
export const transportCases: Cases = {
  'a check goes well while the connection is open, and fails when it is closed': async (world) => {
    const transport = await world.connect();
    await transport.check(AbortSignal.timeout(5_000));
    await transport[Symbol.asyncDispose]();
    await rejects(transport.check(AbortSignal.timeout(5_000)));
  },

  'a transport may be closed twice': async (world) => {
    const transport = await world.connect();
    await Promise.all([transport[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
    await transport[Symbol.asyncDispose]();
  },

  'the lag is what waits in the queue': async (world) => {
    const broker = await world.broker();
    const work = world.halt();
    await world.consume(broker, [handle(world.happened, work.halt)], { concurrency: 1 });
    for (const number of numbers(6)) await broker.publish(world.happened, { number });
    await work.halted;
    const { running } = firstConsumed(broker);
    await world.waitFor(async () => (await running.lag(AbortSignal.timeout(1_000))) === 5, 'a lag of five');
    work.goOn();
    await world.waitFor(async () => (await running.lag(AbortSignal.timeout(1_000))) === 0, 'no lag');
  },

  'topology says what is missing and what is there, and makes nothing': async (world) => {
    const transport = await world.connect();
    const subscription = subscriptionOf(world.happened, { retryDelaysMs: [world.delayMs] }, `service-${world.token}`);
    const wanted = { subscriptions: [subscription], publishes: [world.happened], answers: [] };
    const states = async () =>
      (await transport.topology(wanted, AbortSignal.timeout(5_000))).rows.filter(({ name }) =>
        name.includes(world.token),
      );
    // Looking makes nothing: it is missing the second time too.
    ok((await states()).some(({ state }) => state === 'missing'));
    ok((await states()).some(({ state }) => state === 'missing'));
    const running = await transport.subscribe(subscription, async () => ({ kind: 'acknowledge' }));
    deepEqual(
      (await states()).filter(({ state }) => state === 'missing' || state === 'conflict'),
      [],
    );
    await running.stop(AbortSignal.timeout(5_000));
  },

  'a message that is stored twice under one id soon after one another is stored once': {
    needs: 'deduplicates',
    async prove(world) {
      const broker = await world.broker();
      const got = await world.collect(broker, { concurrency: 1 });
      for (const number of [1, 2]) await broker.publish(world.happened, { number }, { id: `the-same-${world.token}` });
      await broker.publish(world.happened, { number: 3 });
      await world.waitFor(() => numbersOf(got).includes(3), 'the last event');
      deepEqual(numbersOf(got), [1, 3]);
    },
  },

  'headers that are none of an event travel too': async (world) => {
    const transport = await world.connect();
    const got: Record<string, unknown>[] = [];
    const subscription = subscriptionOf(world.happened, {}, `service-${world.token}`);
    const running = await transport.subscribe(subscription, async ({ wire }) => {
      got.push(wire.headers);
      return { kind: 'acknowledge' };
    });
    const sent = { baggage: 'a=b,c=%C5%BC', 'x-request-timeout': '1500' };
    await transport.publish(world.outgoing('x', { headers: sent, body: Buffer.from([0, 255, 10]) }));
    const headers = await world.waitFor(() => got[0], 'the message');
    partialDeepStrictEqual(headers, sent);
    await running.stop(AbortSignal.timeout(5_000));
  },
};
