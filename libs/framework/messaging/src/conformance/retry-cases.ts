import { deepEqual, equal, ok } from 'node:assert/strict';
import { createCall, currentCall, remainingMs, runInCall } from '@org/context';
import { ServiceError, codes, messageFateByCode } from '@org/errors';
import { handle } from '../handle.ts';
import type { Cases } from './conformance.ts';
import { numbers } from './gate.ts';
import { awaitLetters, lettersOf } from './letters.ts';

/** What happens when handlers fail. */
export const retryCases: Cases = {
  'a failed message comes again after each delay of the ladder, with its attempts counted': async (world) => {
    const broker = await world.broker();
    const seen: { attempt: number; at: number; id: string }[] = [];
    const handler = handle(world.happened, ({ attempt, event }) => {
      seen.push({ attempt, at: performance.now(), id: event.id });
      if (attempt < 3) throw new ServiceError('unavailable', 'Not yet');
    });
    await world.consume(broker, [handler], { retryDelaysMs: [world.delayMs, world.delayMs * 3] });
    await broker.publish(world.happened, { number: 1 });
    await world.waitFor(() => seen.length === 3, 'three attempts');
    deepEqual(
      seen.map(({ attempt }) => attempt),
      [1, 2, 3],
    );
    equal(new Set(seen.map(({ id }) => id)).size, 1);
    // Timers of brokers count whole milliseconds.
    ok(seen[1]!.at - seen[0]!.at >= world.delayMs - 5);
    ok(seen[2]!.at - seen[1]!.at >= world.delayMs * 3 - 5);
  },

  'a message that waits for its next attempt holds up no other': async (world) => {
    const broker = await world.broker();
    const seen: string[] = [];
    const handler = handle(world.happened, ({ data, attempt }) => {
      seen.push(`${data.number}/${attempt}`);
      if (data.number === 1 && attempt === 1) throw new Error('the first one fails');
    });
    await world.consume(broker, [handler], { concurrency: 1, retryDelaysMs: [world.delayMs * 10] });
    for (const number of numbers(3)) await broker.publish(world.happened, { number });
    await world.waitFor(() => seen.length === 4, 'all of them');
    deepEqual(seen, ['1/1', '2/1', '3/1', '1/2']);
  },

  'after the last attempt a message is set aside, with error, attempts, first and last time': async (world) => {
    const broker = await world.broker();
    const before = Date.now();
    const handler = handle(world.happened, () => {
      throw new ServiceError('unavailable', 'The żółw 🐢 sleeps', { reason: 'TURTLE_ASLEEP' });
    });
    await world.consume(broker, [handler], { retryDelaysMs: [world.delayMs] });
    const { id } = await broker.publish(world.happened, { number: 1 });
    const [letter] = await awaitLetters(world, broker, 1);
    const { code, reason, message, attempts, firstAt, lastAt } = letter!.failure;
    deepEqual(
      { id: letter!.id, code, reason, message, attempts },
      { id, code: 'unavailable', reason: 'TURTLE_ASLEEP', message: 'The żółw 🐢 sleeps', attempts: 2 },
    );
    equal(letter!.subscription, `service-${world.token}/${world.happened.type}`);
    const [first, last] = [Date.parse(firstAt), Date.parse(lastAt)];
    ok(
      first >= before - 1_000 && last <= Date.now() + 1_000 && last - first >= world.delayMs - 5,
      `${firstAt} ${lastAt}`,
    );
  },

  'the code of an error decides whether a message comes again or is set aside': async (world) => {
    const broker = await world.broker();
    const attempts: Record<string, number> = {};
    const handler = handle(world.happened, ({ data, attempt }) => {
      const code = codes[data.number]!;
      attempts[code] = attempt;
      if (attempt === 1) throw new ServiceError(code, 'It failed once', { reason: 'FAILED_ONCE' });
    });
    await world.consume(broker, [handler], { retryDelaysMs: [world.delayMs] });
    for (const number of codes.keys()) await broker.publish(world.happened, { number });
    const expected = codes.filter((code) => messageFateByCode[code] === 'dead_letter');
    const retried = codes.filter((code) => messageFateByCode[code] === 'retry');
    await world.waitFor(async () => retried.every((code) => attempts[code] === 2), 'the second attempts');
    const letters = await awaitLetters(world, broker, expected.length);
    deepEqual(letters.map(({ failure }) => failure.code).toSorted(), expected.toSorted());
    deepEqual(new Set(letters.map(({ failure }) => failure.attempts)), new Set([1]));
    deepEqual(new Set(expected.map((code) => attempts[code])), new Set([1]));
  },

  'what is no error of a service is tried again, and its text goes nowhere': async (world) => {
    const broker = await world.broker();
    const handler = handle(world.happened, () => {
      throw new TypeError('the password is hunter2');
    });
    await world.consume(broker, [handler], { retryDelaysMs: [world.delayMs] });
    await broker.publish(world.happened, { number: 1 });
    const [letter] = await awaitLetters(world, broker, 1);
    deepEqual([letter!.failure.code, letter!.failure.attempts], ['internal', 2]);
    equal(JSON.stringify(letter!.failure).includes('hunter2'), false);
  },

  'a handler that never ends is told to, and does not keep its message': async (world) => {
    const broker = await world.broker();
    const reasons: unknown[] = [];
    const attempts: number[] = [];
    const handler = handle(world.happened, async ({ attempt }, { signal }) => {
      attempts.push(attempt);
      if (attempt > 1) return;
      signal.addEventListener('abort', () => reasons.push(signal.reason), { once: true });
      await new Promise(() => {});
    });
    await world.consume(broker, [handler], { timeoutMs: world.delayMs, concurrency: 1 });
    await broker.publish(world.happened, { number: 1 });
    await world.waitFor(() => attempts.length === 2, 'the second attempt');
    deepEqual(
      reasons.map((reason) => (reason as ServiceError).code),
      ['deadline_exceeded'],
    );
    const [line] = world.logger.lines.filter(({ message }) => /comes again/.test(message));
    ok((line!.fields.err as Error).message.includes(`had not come to an end after ${world.delayMs} ms`));
  },

  'a message that expired is acknowledged unhandled, also when that happens between two attempts': async (world) => {
    const broker = await world.broker();
    const seen: string[] = [];
    const expiresAt = new Date(Date.now() + 1_000);
    const handler = handle(world.happened, async ({ data, attempt }) => {
      seen.push(`${data.number}/${attempt}`);
      if (data.number === 3) return;
      await world.waitFor(() => Date.now() >= expiresAt.getTime(), 'its expiry');
      throw new ServiceError('unavailable', 'It took too long');
    });
    await world.consume(broker, [handler]);
    await broker.publish(world.happened, { number: 1 }, { expiresAt: new Date(Date.now() - 1_000) });
    await broker.publish(world.happened, { number: 2 }, { expiresAt });
    await broker.publish(world.happened, { number: 3 }, { expiresAt: new Date(Date.now() + 60_000) });
    const expired = () => world.logger.lines.filter(({ message }) => message.includes('expired'));
    await world.waitFor(() => expired().length === 2 && seen.includes('3/1'), 'what became of all');
    deepEqual(seen.toSorted(), ['2/1', '3/1']);
    deepEqual(await lettersOf(broker), []);
  },

  'a handler of a command has no more time than its sender': async (world) => {
    const command = world.command();
    const broker = await world.broker([command]);
    const left: (number | undefined)[] = [];
    await world.consume(broker, [handle(command, () => void left.push(remainingMs(currentCall())))]);
    using call = createCall({ timeoutMs: 2_000 });
    await runInCall(call, () => broker.send(command, { number: 1 }));
    await world.waitFor(() => left.length === 1, 'the command');
    ok(left[0]! > 0 && left[0]! <= 2_000, String(left[0]));
  },
};
