import { deepEqual, equal } from 'node:assert/strict';
import { createEvent } from '@org/payload';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { createGate, failure, numbers } from './gate.ts';

/** What whoever publishes can rely on. */
export const publishCases: Cases = {
  'what was published is delivered as it was, with its envelope': async (world) => {
    const happened = world.event();
    const broker = await world.broker([happened]);
    const got: { data: unknown; event: unknown }[] = [];
    await world.consume(broker, [handle(happened, ({ data, event }) => void got.push({ data, event }))]);
    const time = new Date('2026-01-02T03:04:05.006Z');
    const { id } = await broker.publish(happened, { number: 1, text: 'a' }, { subject: 'orders/1', key: 'k', time });
    const [first] = await world.waitFor(() => got[0] && [got[0]], 'the event');
    deepEqual(first?.data, { number: 1, text: 'a' });
    const {
      specversion,
      source,
      type,
      subject,
      partitionkey,
      time: at,
      id: gotId,
    } = first.event as Record<string, unknown>;
    deepEqual(
      { specversion, source, type, subject, partitionkey, at, gotId },
      {
        specversion: '1.0',
        source: `/services/service-${world.token}`,
        type: happened.type,
        subject: 'orders/1',
        partitionkey: 'k',
        at: time.toISOString(),
        gotId: id,
      },
    );
  },

  'what was made before, as by an outbox, goes out as it is': async (world) => {
    const happened = world.event();
    const broker = await world.broker([happened]);
    const got: unknown[] = [];
    await world.consume(broker, [handle(happened, ({ event }) => void got.push(event))]);
    const time = '2026-01-02T03:04:05.006Z';
    const made = createEvent({
      type: happened.type,
      source: '/services/other',
      data: { number: 1 },
      id: 'i',
      time,
      key: 'k',
    });
    equal((await broker.forward(made)).id, 'i');
    const event = (await world.waitFor(() => got[0], 'the event')) as Record<string, unknown>;
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
    const happened = world.event();
    const first = await world.broker([happened]);
    const early = await world.consume(first, [handle(happened, () => {})]);
    await early.drain(AbortSignal.timeout(5_000));
    for (const number of numbers(5)) await first.publish(happened, { number });
    await first[Symbol.asyncDispose]();
    const second = await world.broker([happened]);
    const got: number[] = [];
    await world.consume(second, [handle(happened, ({ data }) => void got.push(data.number))]);
    await world.waitFor(() => got.length >= 5, 'five events');
    deepEqual(got.toSorted(), numbers(5));
  },

  'many messages at once all arrive': async (world) => {
    const happened = world.event();
    const broker = await world.broker([happened]);
    const got = new Set<number>();
    await world.consume(broker, [handle(happened, ({ data }) => void got.add(data.number))], { concurrency: 50 });
    await Promise.all(numbers(500).map((number) => broker.publish(happened, { number })));
    await world.waitFor(() => got.size === 500, 'five hundred events');
  },

  'a full queue refuses more, and keeps what it took': {
    needs: 'boundsQueues',
    async prove(world) {
      const happened = world.event();
      const gate = createGate();
      const transport = await world.connect({ queueLimit: 5 });
      const got = new Set<string>();
      const subscription = {
        kind: 'event',
        group: world.token,
        types: [happened.type],
        name: `${world.token}/${happened.type}`,
        prefetch: 1,
        retryDelaysMs: [],
        ordered: false,
        timeoutMs: 30_000,
      } as const;
      const running = await transport.subscribe(subscription, async ({ id }) => {
        await gate.opened;
        got.add(id);
        return { kind: 'acknowledge' };
      });
      const taken: string[] = [];
      const publishing = async () => {
        for (const number of numbers(50)) {
          await transport.publish({
            kind: 'event',
            type: happened.type,
            id: String(number),
            key: undefined,
            wire: { headers: {}, body: Buffer.from('{}') },
            unrouted: 'refuse',
            signal: AbortSignal.timeout(5_000),
          });
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
    const happened = world.event();
    const broker = await world.broker([happened], { publishConcurrency: 2, unrouted: 'accept' });
    const outcomes = await Promise.allSettled(numbers(10).map((number) => broker.publish(happened, { number })));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    equal(refused.length, 8);
    for (const outcome of refused) {
      await failure(
        Promise.reject((outcome as PromiseRejectedResult).reason as Error),
        'resource_exhausted',
        'PUBLISH_QUEUE_FULL',
      );
    }
  },

  'nothing is published for a caller who is gone': async (world) => {
    const happened = world.event();
    const broker = await world.broker([happened]);
    const got: number[] = [];
    await world.consume(broker, [handle(happened, ({ data }) => void got.push(data.number))], { concurrency: 1 });
    const signal = AbortSignal.abort(new Error('the caller is gone'));
    const outcome = await broker.publish(happened, { number: 1 }, { signal }).catch((error: unknown) => error);
    equal(outcome instanceof Error, true);
    await broker.publish(happened, { number: 2 });
    await world.waitFor(() => got.length > 0, 'the other event');
    deepEqual(got, [2]);
  },

  'over a closed connection publishing is unavailable, and nothing was sent': async (world) => {
    const happened = world.event();
    const broker = await world.broker([happened], { publishTimeoutMs: 500 });
    await broker[Symbol.asyncDispose]();
    const { details } = await failure(broker.publish(happened, { number: 1 }), 'unavailable', 'BROKER_UNAVAILABLE');
    equal(details?.delivered, 'no');
  },
};
