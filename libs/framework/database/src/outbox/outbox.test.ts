import { defineEvent } from '@org/contract';
import type { CloudEvent } from '@org/payload';
import { collectLogger, postgresRequirement, skipUnless, waitFor } from '@org/testing';
import * as z from 'zod';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kinds, openTest, type Opened, type TestDatabase } from '../../test-fixtures/databases.ts';
import { orders, outbox } from '../../test-fixtures/models.ts';
import { relayOutbox } from '../index.ts';

const placed = defineEvent({
  type: 'orders.order.placed.v1',
  summary: 'An order was placed',
  data: z.object({ id: z.string(), number: z.int() }),
  key: ({ id }) => id,
});

describe.each(kinds)('the outbox on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let database: Opened;
  beforeAll(async () => {
    opened = await openTest(kind);
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach(async (context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
    await database.delete(outbox);
    await database.delete(orders);
  });

  test('what a transaction publishes leaves when it is kept, and only then', async () => {
    const heard: CloudEvent[] = [];
    const broker = { forward: async (event: CloudEvent) => void heard.push(event) };
    await using relay = await relayOutbox(database, broker, { logger: collectLogger() });
    await database.transaction(async () => {
      await database.outbox.publish(placed, { id: 'a', number: 1 });
      await database.outbox.publish(placed, { id: 'a', number: 2 });
    });
    await expect(
      database.transaction(async () => {
        await database.outbox.publish(placed, { id: 'b', number: 1 });
        throw new Error('it fails');
      }),
    ).rejects.toThrow('it fails');
    await database.outbox.publish(placed, { id: 'c', number: 1 });
    await waitFor(() => heard.length >= 3, { what: 'the events' });
    await waitFor(async () => (await database.$count(outbox)) === 0, { what: 'the outbox to be empty' });
    expect(heard.map(({ data }) => data)).toEqual([
      { id: 'a', number: 1 },
      { id: 'a', number: 2 },
      { id: 'c', number: 1 },
    ]);
    await relay.drain(AbortSignal.timeout(1_000));
  });
});
