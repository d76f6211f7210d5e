import { deepEqual, equal, rejects } from 'node:assert/strict';
import { defineEvent } from '@org/contract';
import * as z from 'zod';
import { handle } from '../handle.ts';
import { memoryInbox } from '../inbox.ts';
import type { Cases } from './conformance.ts';
import { createGate, failure, numbers, numbersOf, sortedNumbersOf } from './gate.ts';

/** Who gets what, and how often. */
export const consumerCases: Cases = {
  'each group gets each event': async (world) => {
    const broker = await world.broker();
    const one = await world.collect(broker, { group: `one-${world.token}` });
    const two = await world.collect(broker, { group: `two-${world.token}` });
    for (const number of numbers(10)) await broker.publish(world.happened, { number });
    await world.waitFor(() => one.length >= 10 && two.length >= 10, 'ten events in each group');
    deepEqual([sortedNumbersOf(one), sortedNumbersOf(two)], [numbers(10), numbers(10)]);
  },

  'members of a group share what comes': async (world) => {
    const both = createGate();
    const busy = new Set<string>();
    const got: number[] = [];
    for (const member of ['one', 'two']) {
      const broker = await world.broker();
      const handler = handle(world.happened, async ({ data }) => {
        busy.add(member);
        if (busy.size === 2) both.open();
        await both.opened;
        got.push(data.number);
      });
      await world.consume(broker, [handler], { concurrency: 1 });
    }
    const publisher = await world.broker();
    for (const number of numbers(20)) await publisher.publish(world.happened, { number });
    await world.waitFor(() => got.length >= 20, 'twenty events');
    deepEqual(
      got.toSorted((a, b) => a - b),
      numbers(20),
    );
  },

  'a command is done once, whoever is told': async (world) => {
    const command = world.command();
    const done: number[] = [];
    for (const group of ['one', 'two']) {
      const broker = await world.broker([command]);
      await world.consume(broker, [handle(command, ({ data }) => void done.push(data.number))], { group });
    }
    const sender = await world.broker([]);
    for (const number of numbers(10)) await sender.send(command, { number });
    await world.waitFor(() => done.length >= 10, 'ten commands');
    deepEqual(
      done.toSorted((a, b) => a - b),
      numbers(10),
    );
  },

  'as many are worked on at a time as may, and no more': async (world) => {
    const broker = await world.broker();
    const three = createGate();
    let [running, most, done] = [0, 0, 0];
    const handler = handle(world.happened, async () => {
      running += 1;
      most = Math.max(most, running);
      if (running === 3) three.open();
      await three.opened;
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done += 1;
    });
    await world.consume(broker, [handler], { concurrency: 3 });
    for (const number of numbers(12)) await broker.publish(world.happened, { number });
    await world.waitFor(() => done === 12, 'twelve events');
    equal(most, 3);
  },

  'a message with an id that was handled is not handled again, where there is an inbox': async (world) => {
    const broker = await world.broker();
    const got = await world.collect(broker, { concurrency: 1, inbox: memoryInbox() });
    for (const number of [1, 2]) await broker.publish(world.happened, { number }, { id: 'the-same' });
    await broker.publish(world.happened, { number: 3 });
    await world.waitFor(() => numbersOf(got).includes(3), 'the last event');
    deepEqual(numbersOf(got), [1, 3]);
  },

  'a message whose work failed is worked on again in spite of the inbox': async (world) => {
    const broker = await world.broker();
    const attempts: number[] = [];
    const handler = handle(world.happened, ({ attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('the first attempt fails');
    });
    await world.consume(broker, [handler], { inbox: memoryInbox() });
    await broker.publish(world.happened, { number: 1 });
    await world.waitFor(() => attempts.length === 2, 'the second attempt');
    deepEqual(attempts, [1, 2]);
  },

  'a handler of a newer major gets older ones upcast': async (world) => {
    const older = world.happened;
    const newer = defineEvent({
      type: `conformance.${world.token}.happened.v2`,
      summary: 'Something happened',
      data: z.object({ count: z.number() }),
      upcast: { from: older, map: ({ number }) => ({ count: number * 10 }) },
    });
    const broker = await world.broker([older, newer]);
    const got: [string, number][] = [];
    const handler = handle(newer, ({ data, event }) => void got.push([event.type.slice(-2), data.count]));
    await world.consume(broker, [handler], { concurrency: 1 });
    await broker.publish(older, { number: 1 });
    await broker.publish(newer, { count: 2 });
    await world.waitFor(() => got.length === 2, 'both majors');
    deepEqual(got.toSorted(), [
      ['v1', 10],
      ['v2', 2],
    ]);
  },

  'what a handler publishes says what it follows from': async (world) => {
    const [cause, effect] = [world.event('caused'), world.event('followed')];
    const broker = await world.broker([cause, effect]);
    const got: Record<string, unknown>[] = [];
    await world.consume(broker, [
      handle(cause, async ({ data }) => void (await broker.publish(effect, data))),
      handle(effect, ({ event }) => void got.push(event)),
    ]);
    const { id } = await broker.publish(cause, { number: 1 });
    const event = await world.waitFor(() => got[0], 'what followed');
    deepEqual([event.causationid, event.correlationid], [id, id]);
  },

  'consumers and contract have to fit together': async (world) => {
    const [known, other] = [world.happened, world.event('other')];
    const broker = await world.broker([known]);
    await rejects(world.consume(broker, [handle(other, () => {})]), TypeError);
    await rejects(world.consume(broker, [handle(world.command(), () => {})]), TypeError);
    await rejects(world.consume(broker, [handle(known, () => {}), handle(known, () => {})]), TypeError);
    await rejects(broker.publish(other, { number: 1 }), TypeError);
    await failure(broker.publish(known, { number: 'one' } as never), 'invalid_argument', 'PAYLOAD_SCHEMA_MISMATCH');
  },
};
