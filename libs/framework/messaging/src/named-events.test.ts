import { Secret } from '@org/config';
import { defineContract, defineEvent } from '@org/contract';
import { collectLogger, waitFor } from '@org/testing';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { declaredSubscriptions } from './commands/declared.ts';
import { consume, createBroker, createMemoryServer, handle, memoryAdapter } from './index.ts';

// A contract names what its service consumes by type; what the event says is imported from the contract of who publishes it.

const data = z.object({ id: z.string() });
const settledV1 = defineEvent({ type: 'payments.payment.settled.v1', summary: 'Settled', data });
const upcast = { from: settledV1, map: (older: { id: string }) => older };
const settled = defineEvent({ type: 'payments.payment.settled.v2', summary: 'Settled', data, upcast });
const contractOf = (part: object) =>
  defineContract({ name: 'orders', version: '1.0.0', title: 'Orders', operations: [], ...part });

async function open(part: object) {
  const logger = collectLogger();
  const runtime = {
    logger,
    service: { name: 'orders', version: '1.0.0', commit: undefined },
    contract: contractOf(part),
  };
  const adapter = memoryAdapter(createMemoryServer());
  const options = { url: new Secret('memory:'), credentials: undefined, service: 'orders', connectTimeoutMs: 1_000 };
  const broker = createBroker(await adapter.open({ ...options, logger }), adapter, {}, runtime);
  return { broker, runtime };
}

test('an event is consumed that the contract names by its type', async () => {
  const { broker, runtime } = await open({ publishes: [settled], consumes: [settled.type] });
  await using _ = broker;
  const seen: string[] = [];
  const handler = handle(settled, ({ data: { id } }) => void seen.push(id));
  await using __ = await consume(broker, [handler], {}, runtime);
  await broker.publish(settled, { id: 'one' });
  await waitFor(() => seen.length === 1, { what: 'the event' });
});

test('another major than the one that the contract names is refused', async () => {
  const { broker, runtime } = await open({ consumes: [settledV1.type] });
  await using _ = broker;
  const consuming = consume(broker, [handle(settled, () => {})], {}, runtime);
  await expect(consuming).rejects.toThrow(
    'the event `payments.payment.settled.v2` under `consumes`, where it has `payments.payment.settled.v1`',
  );
});

test('commands know its queue, and its older majors from the handler', () => {
  const promises = { consumes: [settled.type] };
  const name = 'orders/payments.payment.settled.v2';
  expect(declaredSubscriptions(promises, {}, 'orders')).toMatchObject([{ name, types: [settled.type] }]);
  const handlers = [handle(settled, () => {}, { concurrency: 3 })];
  expect(declaredSubscriptions(promises, { handlers }, 'orders')).toMatchObject([
    { name, types: [settled.type, settledV1.type], concurrency: 3 },
  ]);
});
