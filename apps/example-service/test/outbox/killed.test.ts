import { hash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readSettings } from '@org/config';
import { databaseSettings, openDatabase, type Database, type DatabaseSettings } from '@org/database';
import {
  collectLogger,
  natsRequirement,
  postgresRequirement,
  rabbitmqRequirement,
  skipUnless,
  startNats,
  startPostgres,
  startRabbitmq,
  waitFor,
  type PrivateServer,
} from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildBundle, type Bundle } from '../build-bundle.ts';
import * as models from './service/models.ts';
import { customerIds, placeOrder } from './service/place-orders.ts';
import { keepRunning } from './support/keep-running.ts';
import { natsTap, rabbitmqTap } from './support/taps.ts';

/** How long everything is killed, in milliseconds, and then until so many orders were placed. */
const [killedMs, fewestOrders] = [60_000, 500];

let bundle: Bundle;
beforeAll(async () => {
  bundle = await buildBundle(join(import.meta.dirname, 'service/main.ts'));
});
afterAll(() => bundle[Symbol.asyncDispose]());

test.concurrent.for([
  {
    name: 'RabbitMQ',
    startBroker: startRabbitmq,
    requirement: rabbitmqRequirement,
    createTap: rabbitmqTap,
    ordered: true,
  },
  // After the end of a consumer it gives again what that had later than what comes after it.
  { name: 'NATS', startBroker: startNats, requirement: natsRequirement, createTap: natsTap, ordered: false },
])(
  'with $name: as many effects as committed orders, whatever is killed at whatever moment',
  { timeout: 600_000 },
  async ({ startBroker, requirement, createTap, ordered }, context) => {
    await using stack = new AsyncDisposableStack();
    const [postgres, broker] = await Promise.all([startPostgres(), startBroker()]);
    skipUnless(context, postgres !== undefined, postgresRequirement);
    stack.use(postgres);
    skipUnless(context, broker !== undefined, requirement);
    stack.use(broker);
    const [placing, counting] = [postgres.url, postgres.url.replace(/postgres$/, 'counting')];
    await using database = await openAt(placing);
    await database.execute(sql`CREATE DATABASE counting`);
    await using counted = await openAt(counting);

    const tap = createTap(broker.url);
    const common = {
      NODE_OPTIONS: undefined,
      NODE_ENV: 'test',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'warn',
      OPS_PORT: '0',
      SHUTDOWN_DELAY: '0s',
    };
    const keep = (name: string, role: string, url: string) =>
      stack.use(keepRunning(name, bundle.file, { ...common, ROLE: role, DATABASE_URL: url, BROKER_URL: broker.url }));
    const consumer = keep('consumer', 'count', counting);
    await tap.open();
    const service = keep('service', 'place', placing);
    const processes = [service, consumer, ...[1, 2].map((number) => keep(`relay ${number}`, 'relay', placing))];

    const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
    await context.annotate(`TEST_SEED=${seed}`);
    const random = createRandom(seed);
    const killed: Record<string, number> = {};
    const count = (name: string) => (killed[name] = (killed[name] ?? 0) + 1);
    let over = false;
    const untilEnough = async () => {
      await delay(killedMs);
      const isEnough = async () => (await database.$count(models.orders)) > fewestOrders;
      await waitFor(isEnough, { what: `${fewestOrders} orders`, timeoutMs: 240_000, intervalMs: 500 }).finally(() => {
        over = true;
      });
    };
    const killProcesses = async () => {
      while (!over) {
        await delay(500 + random() * 3_000);
        const victim = processes[Math.floor(random() * processes.length)]!;
        victim.kill();
        count(victim.name);
      }
    };
    const killServers = async (name: string, server: PrivateServer) => {
      while (!over) {
        await delay(2_000 + random() * 8_000);
        await server.kill();
        count(name);
        await delay(random() * 1_000);
        await server.restart();
      }
    };
    await Promise.all([
      untilEnough(),
      killProcesses(),
      killServers('postgres', postgres),
      killServers('broker', broker),
    ]);
    expect(Object.keys(killed).toSorted()).toEqual(['broker', 'consumer', 'postgres', 'relay 1', 'relay 2', 'service']);

    await service.stop();
    // What comes behind everything else of its customer.
    for (const customer of customerIds) {
      await waitFor(() => placeOrder(database, customer).then(() => true), { what: 'the last order' });
    }
    const orders = await database.select().from(models.orders);
    await waitFor(
      async () => {
        const [waiting, effects] = [await database.$count(models.outbox), await counted.$count(models.effects)];
        if (waiting === 0 && effects >= orders.length) return true;
        throw new Error(`${waiting} wait, and there are ${effects} effects of ${orders.length} orders`);
      },
      { what: 'an effect of each order', timeoutMs: 120_000 },
    );
    for (const each of processes) await each.stop();

    const effects = await counted.select().from(models.effects).orderBy(models.effects.position);
    const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).toSorted();
    expect(idsOf(effects)).toEqual(idsOf(orders));
    expect(orders.length).toBeGreaterThan(fewestOrders);
    const told = await tap.read();
    for (const customer of customerIds) {
      const numbers = Array.from(
        { length: orders.filter((order) => order.customer === customer).length },
        (_, index) => index + 1,
      );
      const numbersOf = (rows: readonly { customer: string; number: number }[]) => [
        ...new Set(rows.filter((row) => row.customer === customer).map(({ number }) => number)),
      ];
      expect(numbersOf(told)).toEqual(numbers);
      if (ordered) expect(numbersOf(effects)).toEqual(numbers);
    }
    const twice = told.length - new Set(told.map(({ id }) => id)).size;
    await context.annotate(
      `${orders.length} orders, ${effects.length} effects, ${twice} told twice; killed: ${JSON.stringify(killed)}`,
    );
  },
);

function openAt(url: string): Promise<Database<typeof models>> {
  const environment = { DATABASE_URL: url };
  const read = readSettings({ database: databaseSettings() }, { environment, service: 'tests', schemes: [] });
  const service = { name: 'tests', version: '1.0.0', commit: undefined };
  const settings = read.settings.database as DatabaseSettings;
  return openDatabase(settings, { models, migrations: models.migrations }, { logger: collectLogger(), service });
}

/** The same numbers from 0 to 1 for the same seed. */
function createRandom(seed: number): () => number {
  let count = 0;
  return () => hash('sha256', `${seed} ${(count += 1)}`, 'buffer').readUInt32BE() / 2 ** 32;
}
