import { Secret } from '@org/config';
import { defineCommand, defineEvent } from '@org/contract';
import { ServiceError } from '@org/errors';
import type { Command, CommandContext, Runtime } from '@org/runtime';
import { collectLogger, waitFor } from '@org/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import {
  consume,
  createMemoryServer,
  deadLetters,
  handle,
  memoryAdapter,
  openBroker,
  topology,
  type BrokerAdapter,
  type BrokerSettings,
  type MemoryServer,
} from '../index.ts';

const happened = defineEvent({
  type: 'orders.order.placed.v1',
  summary: 'Placed',
  data: z.object({ number: z.int() }),
});
const ship = defineCommand({ type: 'orders.order.ship.v1', summary: 'Ship', data: z.object({ number: z.int() }) });
const runtime = {
  logger: collectLogger(),
  service: { name: 'orders', version: '1.0.0', commit: undefined },
  contract: { publishes: [happened], consumes: [happened], handles: [ship] },
};

let server: MemoryServer;
let adapters: readonly BrokerAdapter[];
beforeEach(() => {
  server = createMemoryServer();
  // A broker that several processes reach.
  adapters = [{ ...memoryAdapter(server), name: 'shared', ports: { 'shared:': 1 } }];
});
afterEach(() => server[Symbol.dispose]());

const settingsFor = (url: string) =>
  ({ url: new Secret(url), credentials: undefined, connectTimeoutMs: 1_000, maximumBytes: 4_096 }) as BrokerSettings;

/** Runs a command as the kernel does, and gives what it printed. */
async function run(command: Command<{ readonly broker: BrokerSettings }>, line: string[], url = 'shared://host') {
  await using opened = new AsyncDisposableStack();
  const lines: string[] = [];
  await command.run({
    arguments: line,
    settings: { broker: settingsFor(url) },
    start: (async (_, open) =>
      opened.use((await open(runtime as unknown as Runtime)) as AsyncDisposable)) as CommandContext['start'],
    print: (text) => void lines.push(text),
  });
  return lines;
}

/** Has messages set aside, and leaves. */
async function fail(count: number): Promise<string[]> {
  await using broker = await openBroker(settingsFor('shared://host'), { adapters }, runtime);
  const failing = handle(happened, ({ data }) => {
    throw new ServiceError(data.number === 1 ? 'not_found' : 'data_loss', `It is lost: ${data.number}`);
  });
  const ids: string[] = [];
  await using _ = await consume(broker, [failing], { concurrency: 1 }, runtime);
  for (let number = 1; number <= count; number += 1) ids.push((await broker.publish(happened, { number })).id);
  const queue = () => server.find('orders/orders.order.placed.v1');
  await waitFor(() => queue()?.dead.size === count, { what: 'dead letters' });
  return ids;
}

test('dead letters are listed with why, how often and since when', async () => {
  const command = deadLetters({ adapters });
  expect(await run(command, [])).toEqual(['No dead letters']);
  const [id] = await fail(1);
  const [line] = await run(command, ['list']);
  expect(line).toMatch(new RegExp(`^${id}  orders/orders.order.placed.v1  not_found  1x  \\ds  It is lost: 1$`));
  expect(JSON.parse((await run(command, ['list', '--json']))[0]!)).toMatchObject({
    id,
    code: 'not_found',
    attempts: 1,
  });
});

test('one is shown with its event', async () => {
  const [id] = await fail(2);
  const shown = JSON.parse((await run(deadLetters({ adapters }), ['show', id!])).join('\n')) as object;
  expect(shown).toMatchObject({ id, event: { id, data: { number: 1 } }, message: 'It is lost: 1' });
});

test('those of a filter are redriven and deleted', async () => {
  const ids = await fail(3);
  const command = deadLetters({ adapters });
  expect(await run(command, ['redrive', '--code', 'data_loss', '--rate', '1000'])).toEqual(['2 redriven']);
  expect(await run(command, ['list'])).toHaveLength(1);
  expect(await run(command, ['delete', ids[0]!])).toEqual(['1 deleted']);
  expect(await run(command, ['delete', '--all'])).toEqual(['0 deleted']);
});

test('one that is not there is an error', async () => {
  await expect(run(deadLetters({ adapters }), ['show', 'x'])).rejects.toMatchObject({ reason: 'DEAD_LETTER_UNKNOWN' });
  await expect(run(deadLetters({ adapters }), ['redrive', 'x'])).rejects.toMatchObject({ code: 'not_found' });
});

test.each([
  ['an action that is none', ['burn']],
  ['redriving without saying what', ['redrive']],
  ['deleting without saying what', ['delete', '--limit', '5']],
  ['showing without saying which', ['show']],
  ['two ids', ['show', 'a', 'b']],
  ['an option that is none', ['list', '--colour', 'red']],
  ['a code that is none', ['list', '--code', 'sad']],
  ['a moment that is none', ['list', '--before', 'teatime']],
  ['a limit that is none', ['list', '--limit', 'many']],
  ['a rate of nothing', ['redrive', '--all', '--rate', '0']],
])('%s is misuse', async (_, line) => {
  const error: unknown = await run(deadLetters({ adapters }), line).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'invalid_argument' });
  expect((error as ServiceError).reason).toBeUndefined();
});

test('where the broker is in the memory of another process, that is said, and the ops port is named', async () => {
  await expect(run(deadLetters({ adapters }), ['list'], 'memory:')).rejects.toThrow(/GET \/dead-letters/);
  await expect(run(topology({ adapters }), [], 'memory:')).rejects.toMatchObject({ reason: 'BROKER_IN_MEMORY' });
});

test('where there may be more than was asked for, that is said', async () => {
  await fail(3);
  const command = deadLetters({ adapters });
  expect((await run(command, ['list', '--limit', '2'])).at(-1)).toBe('2 shown; there may be more (--limit)');
  expect(await run(command, ['delete', '--all', '--limit', '2'])).toEqual(['2 deleted; there may be more (--limit)']);
  expect(await run(command, ['delete', '--all'])).toEqual(['1 deleted']);
});

test('topology prints what is missing, and what is there once it was consumed', async () => {
  const command = topology({ adapters });
  expect((await run(command, [])).filter((line) => line.startsWith('missing'))).toEqual([
    'missing  queue  orders/orders.order.placed.v1  takes orders.order.placed.v1',
    'missing  queue  commands/orders.order.ship.v1  takes orders.order.ship.v1',
    'missing  type  orders.order.placed.v1  nobody has a queue for it',
  ]);
  await fail(1);
  expect(await run(command, [])).toContain(
    'present  queue  orders/orders.order.placed.v1  takes orders.order.placed.v1',
  );
  await expect(run(command, ['--colour'])).rejects.toThrow('no option');
});

test('topology names the queues of the contract without a broker', () => {
  const { contract } = runtime;
  expect(topology({ group: 'archive' }).describe?.({ name: 'orders', contract })).toEqual({
    queues: [
      { name: 'archive/orders.order.placed.v1', takes: ['orders.order.placed.v1'] },
      { name: 'commands/orders.order.ship.v1', takes: ['orders.order.ship.v1'] },
    ],
  });
});

test('a conflict ends topology with an error, after it was explained', async () => {
  const [shared] = adapters as [BrokerAdapter];
  const conflicting: BrokerAdapter = {
    ...shared,
    open: async (options) => ({
      ...(await shared.open(options)),
      topology: async () => ({ rows: [{ kind: 'queue', name: 'orders/x', state: 'conflict', detail: 'delete it' }] }),
    }),
  };
  const error: unknown = await run(topology({ adapters: [conflicting] }), []).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason: 'TOPOLOGY_CONFLICT' });
});
