import { deepEqual, equal, partialDeepStrictEqual, rejects } from 'node:assert/strict';
import { createEvent } from '@org/payload';
import { handle } from '../handle.ts';
import { subscriptionOf } from '../subscription.ts';
import type { Cases } from './conformance.ts';
import { createGate, failure, numbers, numbersOf, sortedNumbersOf } from './gate.ts';

/** What whoever publishes can rely on. */
export const publishCases: Cases = {
  'what was published is delivered as it was, with its envelope': async (world) => {
    const broker = await world.broker();
    const got = await world.collect(broker);
    const time = new Date('2026-01-02T03:04:05.006Z');
    const { id } = await broker.publish(
      world.happened,
      { number: 1, text: 'a' },
      { subject: 'orders/1', key: 'k', time },
    );
    const { data, event } = await world.waitFor(() => got[0], 'the event');
    deepEqual(data, { number: 1, text: 'a' });
    partialDeepStrictEqual(event, {
      specversion: '1.0',
      source: `/services/service-${world.token}`,
      type: world.happened.type,
      subject: 'orders/1',
      partitionkey: 'k',
      time: time.toISOString(),
      id,
    });
  },

  'what was made before, as by an outbox, goes out as it is': async (world) => {
    const broker = await world.broker();
    const got = await world.collect(broker);
    const time = '2026-01-02T03:04:05.006Z';
    const made = createEvent({
      type: world.happened.type,
      source: '/services/other',
      data: { number: 1 },
      id: 'i',
      time,
      key: 'k',
    });
    equal((await broker.forward(made)).id, 'i');
    const { event } = await world.waitFor(() => got[0], 'the event');
    deepEqual([event.id, event.source, event.time, event.partitionkey], ['i', '/services/other', time, 'k']);
  },

  'an event for which nobody has a queue is refused': {
    needs: 'detectsUnroutable',
    async prove(world) {
      const unheard = world.event('unheard');
      const broker = await world.broker([unheard]);
      const { details } = await failure(
        broker.publish(unheard, { number: 1 }),
        'failed_precondition',
        'MESSAGE_UNROUTABLE',
      );
      equal(details?.delivered, 'no');
    },
  },

  'an event for which nobody has a queue is let go where that is asked for': async (world) => {
    const unheard = world.event('unheard');
    const broker = await world.broker([unheard]);
    await broker.publish(unheard, { number: 1 }, { unrouted: 'accept' });
  },

  'a command that nobody handles is refused': {
    needs: 'detectsUnroutable',
    async prove(world) {
      const broker = await world.broker([]);
      await failure(broker.send(world.command(), { number: 1 }), 'failed_precondition', 'MESSAGE_UNROUTABLE');
    },
  },

  'what was published while nobody consumed is delivered later, also over another connection': async (world) => {
    const first = await world.broker();
    const early = await world.consume(first, [handle(world.happened, () => {})]);
    await early.drain(AbortSignal.timeout(5_000));
    for (const number of numbers(5)) await first.publish(world.happened, { number });
    await first[Symbol.asyncDispose]();
    const second = await world.broker();
    const got = await world.collect(second);
    await world.waitFor(() => got.length >= 5, 'five events');
    deepEqual(sortedNumbersOf(got), numbers(5));
  },

  'many messages at once all arrive': async (world) => {
    const broker = await world.broker();
    const got = new Set<number>();
    await world.consume(broker, [handle(world.happened, ({ data }) => void got.add(data.number))], { concurrency: 50 });
    await Promise.all(numbers(500).map((number) => broker.publish(world.happened, { number })));
    await world.waitFor(() => got.size === 500, 'five hundred events');
  },

  'a full queue refuses more, and keeps what it took': {
    needs: 'boundsQueues',
    async prove(world) {
      const gate = createGate();
      const transport = await world.connect({ queueLimit: 5 });
      const got = new Set<string>();
      const subscription = subscriptionOf(world.happened, { concurrency: 1, retryDelaysMs: [] }, world.token);
      const running = await transport.subscribe(subscription, async ({ id }) => {
        await gate.opened;
        got.add(id);
        return { kind: 'acknowledge' };
      });
      const taken: string[] = [];
      const publishing = async () => {
        for (const number of numbers(50)) {
          await transport.publish(world.outgoing(String(number), { headers: {}, body: Buffer.from('{}') }));
          taken.push(String(number));
        }
      };
      await failure(publishing(), 'resource_exhausted', 'BROKER_FULL');
      gate.open();
      await world.waitFor(() => taken.every((id) => got.has(id)), 'all that were taken');
      await running.stop(AbortSignal.timeout(5_000));
    },
  },

  'no more messages wait for the broker than may': async (world) => {
    const broker = await world.broker([world.happened], { publishConcurrency: 2, unrouted: 'accept' });
    const outcomes = await Promise.allSettled(numbers(10).map((number) => broker.publish(world.happened, { number })));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    equal(refused.length, 8);
    const how = { code: 'resource_exhausted', reason: 'PUBLISH_QUEUE_FULL' };
    for (const { reason } of refused) await rejects(Promise.reject(reason as Error), how);
  },

  'nothing is published for a caller who is gone': async (world) => {
    const broker = await world.broker();
    const got = await world.collect(broker, { concurrency: 1 });
    const signal = AbortSignal.abort(new Error('the caller is gone'));
    await rejects(broker.publish(world.happened, { number: 1 }, { signal }));
    await broker.publish(world.happened, { number: 2 });
    await world.waitFor(() => got.length > 0, 'the other event');
    deepEqual(numbersOf(got), [2]);
  },

  'over a closed connection publishing is unavailable, and nothing was sent': async (world) => {
    const broker = await world.broker([world.happened], { publishTimeoutMs: 500 });
    await broker[Symbol.asyncDispose]();
    const { details } = await failure(
      broker.publish(world.happened, { number: 1 }),
      'unavailable',
      'BROKER_UNAVAILABLE',
    );
    equal(details?.delivered, 'no');
  },
};
