import { databaseSettings, openDatabase, outbox, relayOutbox } from '@org/database';
import { brokerSettings, consume, handle, openBroker } from '@org/messaging';
import { nats } from '@org/messaging-nats';
import { rabbitmq } from '@org/messaging-rabbitmq';
import { defineService, opsSettings } from '@org/service';
import { sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { contract, orderOf, orderPlaced } from '../messages/order.ts';
import { measure, repeat, serveTasks, type Taken } from '../tasks.ts';
import { migrations, order, orders } from './orders.ts';

/** What a worker is asked over its channel to the driver. */
export interface Task {
  /** An order alone, an order with the row that the outbox would have, or one that is published. */
  readonly operation: 'order' | 'rows' | 'publish';
  readonly count: number;
  /** How many begin in a second. Default: as many as ten callers make. */
  readonly perSecond?: number;
}

/** What it took, until the broker had all of them. */
export interface OutboxTaken extends Taken {
  /** The median of the time from a commit until the broker had confirmed the event, in milliseconds. */
  readonly delayMs?: number;
}

const outboxMigration = {
  name: '0002_outbox',
  sql: `CREATE TABLE outbox (
      position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, kind text NOT NULL, key text, event json NOT NULL,
      published_at timestamptz NOT NULL DEFAULT clock_timestamp(), attempts integer NOT NULL DEFAULT 0,
      retry_at timestamptz, last_error text
    );
    CREATE INDEX outbox_key ON outbox (key, position) WHERE key IS NOT NULL;
    CREATE INDEX outbox_retry_at ON outbox (retry_at) WHERE retry_at IS NOT NULL;
    CREATE TABLE alone (LIKE outbox INCLUDING ALL)`,
};

const adapters = [nats, rabbitmq];
const callers = 10;
const data = orderOf(256);

const service = defineService({
  name: 'bench-outbox',
  config: { database: databaseSettings(), broker: brokerSettings({ adapters }), ops: opsSettings({ port: 9903 }) },
  contract,
  async start({ settings, start }) {
    const database = await start('database', (runtime) =>
      openDatabase(
        settings.database,
        { models: { orders, outbox }, migrations: [...migrations, outboxMigration] },
        runtime,
      ),
    );
    const broker = await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));
    const committed = new Map<string, number>();
    const delays: number[] = [];
    let left = 0;
    const counted: typeof broker.forward = async (event, options) => {
      const forwarded = await broker.forward(event, options);
      const at = performance.now();
      left -= 1;
      // The broker may have it before whoever has committed knows.
      delays.push(Math.max(0, at - (committed.get(event.id) ?? at)));
      committed.delete(event.id);
      return forwarded;
    };
    await start('outbox', (runtime) => relayOutbox(database, { forward: counted }, runtime));

    // As long as an event is with what surrounds its data.
    const event = JSON.stringify({ ...data, note: 'x'.repeat(data.note.length + 350) });
    const work = {
      order: () => database.transaction(async () => void (await database.insert(orders).values(order))),
      rows: () =>
        database.transaction(async () => {
          await database.insert(orders).values(order);
          await database.execute(sql`INSERT INTO alone (kind, key, event) VALUES ('event', ${randomUUID()}, ${event})`);
        }),
      async publish() {
        const { id } = await database.transaction(async () => {
          await database.insert(orders).values(order);
          return database.outbox.publish(orderPlaced, data, { key: randomUUID() });
        });
        committed.set(id, performance.now());
      },
    };
    await start('worker', async (runtime) => {
      await using _queue = await consume(broker, [handle(orderPlaced, () => {})], {}, runtime);
      serveTasks<Task>(async ({ operation, count, perSecond }): Promise<OutboxTaken> => {
        delays.length = 0;
        left = operation === 'publish' ? count : 0;
        const stop = measure();
        const run = () => work[operation]();
        await (perSecond ? pace(count, perSecond, run) : repeat(count, callers, run));
        while (left > 0) await delay(1);
        return {
          ...stop(),
          ...(delays.length > 0 && { delayMs: delays.toSorted((a, b) => a - b)[delays.length >> 1]! }),
        };
      });
      return { async [Symbol.asyncDispose]() {} };
    });
  },
});

/** Begins so many a second, whatever they take. */
async function pace(count: number, perSecond: number, run: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  const running: Promise<unknown>[] = [];
  while (running.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) * perSecond) / 1_000));
    while (running.length < due) running.push(run());
    await delay(1);
  }
  await Promise.all(running);
}

await service.run();
