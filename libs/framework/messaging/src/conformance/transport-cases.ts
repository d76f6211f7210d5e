import { deepEqual, equal } from 'node:assert/strict';
import { subscriptionOf } from '../subscription.ts';
import { handle } from '../handle.ts';
import type { OutgoingMessage } from '../transport.ts';
import type { Cases } from './conformance.ts';
import { createGate, numbers } from './gate.ts';
import { firstConsumed } from './letters.ts';

/** What the core relies on beneath all this. */
export const transportCases: Cases = {
  'a check goes well while the connection is open, and fails when it is closed': async (world) => {
    const transport = await world.connect();
    await transport.check(AbortSignal.timeout(5_000));
    await transport[Symbol.asyncDispose]();
    const outcome = await transport.check(AbortSignal.timeout(5_000)).catch((error: unknown) => error);
    equal(outcome instanceof Error, true);
  },

  'a transport may be closed twice': async (world) => {
    const transport = await world.connect();
    await Promise.all([transport[Symbol.asyncDispose](), transport[Symbol.asyncDispose]()]);
    await transport[Symbol.asyncDispose]();
  },

  'the lag is what waits in the queue': async (world) => {
    const happened = world.event();
    const broker = await world.broker([happened]);
    const [started, gate] = [createGate(), createGate()];
    const handler = handle(happened, async () => {
      started.open();
      await gate.opened;
    });
    await world.consume(broker, [handler], { concurrency: 1 });
    for (const number of numbers(6)) await broker.publish(happened, { number });
    await started.opened;
    const { running } = firstConsumed(broker);
    await world.waitFor(async () => (await running.lag(AbortSignal.timeout(1_000))) === 5, 'a lag of five');
    gate.open();
    await world.waitFor(async () => (await running.lag(AbortSignal.timeout(1_000))) === 0, 'no lag');
  },

  'topology says what is missing and what is there, and makes nothing': async (world) => {
    const happened = world.event();
    const transport = await world.connect();
    const subscription = subscriptionOf(happened, { retryDelaysMs: [world.delayMs] }, `service-${world.token}`);
    const wanted = { subscriptions: [subscription], publishes: [happened], answers: [] };
    const states = async () =>
      (await transport.topology(wanted, AbortSignal.timeout(5_000))).rows.filter(({ name }) =>
        name.includes(world.token),
      );
    equal(
      (await states()).some(({ state }) => state === 'missing'),
      true,
    );
    equal(
      (await states()).some(({ state }) => state === 'missing'),
      true,
    );
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
      const happened = world.event();
      const broker = await world.broker([happened]);
      const got: number[] = [];
      await world.consume(broker, [handle(happened, ({ data }) => void got.push(data.number))], { concurrency: 1 });
      for (const number of [1, 2]) await broker.publish(happened, { number }, { id: `the-same-${world.token}` });
      await broker.publish(happened, { number: 3 });
      await world.waitFor(() => got.includes(3), 'the last event');
      deepEqual(got, [1, 3]);
    },
  },

  'headers that are none of an event travel too': async (world) => {
    const happened = world.event();
    const transport = await world.connect();
    const got: Record<string, unknown>[] = [];
    const subscription = subscriptionOf(happened, {}, `service-${world.token}`);
    const running = await transport.subscribe(subscription, async ({ wire }) => {
      got.push(wire.headers);
      return { kind: 'acknowledge' };
    });
    const message: OutgoingMessage = {
      kind: 'event',
      type: happened.type,
      id: 'x',
      key: undefined,
      wire: { headers: { baggage: 'a=b,c=%C5%BC', 'x-request-timeout': '1500' }, body: Buffer.from([0, 255, 10]) },
      unrouted: 'refuse',
      signal: AbortSignal.timeout(5_000),
    };
    await transport.publish(message);
    const headers = await world.waitFor(() => got[0], 'the message');
    deepEqual([headers.baggage, headers['x-request-timeout']], ['a=b,c=%C5%BC', '1500']);
    await running.stop(AbortSignal.timeout(5_000));
  },
};
