import { Secret } from '@org/config';
import { defineEvent } from '@org/contract';
import { ServiceError } from '@org/errors';
import type { OpsResponse } from '@org/runtime';
import { collectLogger, waitFor } from '@org/testing';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { consume, handle, openBroker, type BrokerSettings } from '../index.ts';

const happened = defineEvent({
  type: 'orders.order.placed.v1',
  summary: 'Placed',
  data: z.object({ number: z.int() }),
});
const runtime = {
  logger: collectLogger(),
  service: { name: 'orders', version: '1.0.0', commit: undefined },
  contract: { publishes: [happened], consumes: [happened] },
};
const settings = {
  url: new Secret('memory:'),
  credentials: undefined,
  connectTimeoutMs: 1_000,
} as unknown as BrokerSettings;

/** A broker with so many dead letters, and its ops handlers by method and path. */
async function open(count: number) {
  const broker = await openBroker(settings, {}, runtime);
  const state = { mended: false, handled: 0 };
  const failing = handle(happened, ({ data }) => {
    if (!state.mended) throw new ServiceError(data.number === 1 ? 'not_found' : 'data_loss', 'It is lost');
    state.handled += 1;
  });
  const consumers = await consume(broker, [failing], { concurrency: 1 }, runtime);
  const ids: string[] = [];
  for (let number = 1; number <= count; number += 1) ids.push((await broker.publish(happened, { number })).id);
  const ask = async (method: string, path: string, given: { query?: string; id?: string; body?: unknown } = {}) => {
    const handler = broker.ops!.find((each) => each.method === method && each.path === path)!;
    const answer: OpsResponse = await handler.handle({
      method,
      path,
      parameters: given.id === undefined ? {} : { id: given.id },
      query: new URLSearchParams(given.query),
      body: given.body,
      signal: AbortSignal.timeout(5_000),
    });
    return answer.body as { items?: { id: string }[]; redriven?: number; deleted?: number; event?: object };
  };
  await waitFor(async () => (await ask('GET', '/dead-letters')).items!.length === count, { what: 'dead letters' });
  const close = async () => {
    await consumers[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  };
  return { ask, ids, state, [Symbol.asyncDispose]: close };
}

test('the ops port lists, shows, redrives and deletes dead letters in memory', async () => {
  await using opened = await open(3);
  const { ask, ids, state } = opened;
  expect((await ask('GET', '/dead-letters', { query: 'code=data_loss&limit=1' })).items).toMatchObject([
    { id: ids[1] },
  ]);
  expect(await ask('GET', '/dead-letters/:id', { id: ids[0]! })).toMatchObject({ event: { data: { number: 1 } } });
  expect(await ask('DELETE', '/dead-letters/:id', { id: ids[0]! })).toEqual({ deleted: 1 });
  state.mended = true;
  expect(await ask('POST', '/dead-letters/:id/redrive', { id: ids[1]! })).toEqual({ redriven: 1 });
  expect(await ask('POST', '/dead-letters/redrive', { body: { code: 'data_loss', rate: 1_000 } })).toEqual({
    redriven: 1,
  });
  await waitFor(() => state.handled === 2, { what: 'both to be handled' });
  expect((await ask('GET', '/dead-letters')).items).toEqual([]);
});

test('one that is not there is not found, and words that are none are refused', async () => {
  await using opened = await open(0);
  const { ask } = opened;
  for (const [method, path] of [
    ['GET', '/dead-letters/:id'],
    ['DELETE', '/dead-letters/:id'],
    ['POST', '/dead-letters/:id/redrive'],
  ] as const) {
    await expect(ask(method, path, { id: 'x' })).rejects.toMatchObject({ reason: 'DEAD_LETTER_UNKNOWN' });
  }
  await expect(ask('GET', '/dead-letters', { query: 'colour=red' })).rejects.toThrow('`colour` is none of');
  await expect(ask('POST', '/dead-letters/redrive', { body: [1] })).rejects.toThrow('no object');
});
