import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readSettings } from '@org/config';
import { openDatabase } from '@org/database';
import { contract, exampleNewOrder, quote } from '@org/example-service-contract';
import { openBroker } from '@org/messaging';
import { startBuilt } from '@org/service/testing';
import {
  collectLogger,
  kubeletVolume,
  load,
  postgresRequirement,
  rabbitmqRequirement,
  skipUnless,
  startPostgres,
  startRabbitmq,
  temporaryDirectory,
  waitFor,
  type PostgresServer,
  type RabbitmqServer,
} from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapters, config } from '../../src/config.ts';
import { main } from '../built.ts';
import { rotatedPostgres, rotatedRabbitmq, type Generation } from './generations.ts';

const stack = new AsyncDisposableStack();
let postgres: PostgresServer | undefined;
let rabbitmq: RabbitmqServer | undefined;
beforeAll(async () => {
  const user = { username: 'operator', password: 'of-the-operator' };
  postgres = await startPostgres({ user });
  if (postgres) stack.use(postgres);
  rabbitmq = await startRabbitmq({ management: true });
  if (rabbitmq) stack.use(rabbitmq);
}, 180_000);
afterAll(() => stack.disposeAsync());

/** How many generations follow each other, and how long each is the newest at least, in milliseconds. */
const [generations, intervalMs] = [30, 2_000];
const generation = (number: number): Generation => ({
  username: `orders_${number}`,
  password: randomBytes(12).toString('hex'),
});

/** What the operator does at both servers, by the libraries of the service. */
async function openOperator(environment: Readonly<Record<string, string>>) {
  const given = { database: config.database, broker: config.broker };
  const { settings } = readSettings(given, { environment, service: 'operator', schemes: [] });
  const service = { name: 'operator', version: '1.0.0', commit: undefined };
  const runtime = { logger: collectLogger(), service, contract };
  const database = stack.use(await openDatabase(settings.database!, { models: {} }, runtime));
  const broker = stack.use(await openBroker(settings.broker!, { adapters }, runtime));
  return { ask: async (text: string) => (await database.execute(sql.raw(text))).rows, broker };
}

/** Does something again and again until it is stopped. Gives how often, and what failed. */
function repeatedly(work: () => Promise<unknown>) {
  const outcome = { done: 0, failed: [] as unknown[] };
  let stopped = false;
  const going = (async () => {
    while (!stopped && outcome.failed.length === 0) {
      await work().then(
        () => (outcome.done += 1),
        (error: unknown) => outcome.failed.push(error),
      );
      await delay(20);
    }
  })();
  const stop = async () => {
    stopped = true;
    await going;
    return outcome;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

test(
  'credentials of database and broker that change every two seconds for a minute fail no request',
  { timeout: 240_000 },
  async (context) => {
    skipUnless(context, postgres !== undefined, postgresRequirement);
    skipUnless(context, rabbitmq !== undefined, rabbitmqRequirement);
    const operator = await openOperator({ DATABASE_URL: postgres.url, BROKER_URL: rabbitmq.url });
    const servers = [await rotatedPostgres(operator.ask), rotatedRabbitmq(rabbitmq)];
    await using folder = await temporaryDirectory();
    const volumes = [
      await kubeletVolume(join(folder.path, 'database')),
      await kubeletVolume(join(folder.path, 'broker')),
    ];
    const put = async (next: Generation) => {
      await Promise.all(servers.map((server) => server.make(next)));
      await Promise.all(volumes.map((volume) => volume.write({ ...next })));
    };
    const taken = (by: Generation) =>
      waitFor(async () => (await Promise.all(servers.map((server) => server.isTaken(by)))).every(Boolean), {
        what: `${by.username} to be taken`,
        timeoutMs: 15_000,
        intervalMs: 100,
      });
    let current = generation(0);
    await put(current);

    const { host } = new URL(postgres.url);
    await using service = await startBuilt(main, {
      environment: {
        DATABASE_URL: `postgres://${host}/postgres`,
        DATABASE_CREDENTIALS: 'kubernetes:database',
        BROKER_URL: rabbitmq.url,
        BROKER_CREDENTIALS: 'kubernetes:broker',
        KUBERNETES_SECRETS_PATH: folder.path,
      },
    });
    const headers = { 'content-type': 'application/json' };
    const url = `${service.url}/orders`;
    await using placing = load({
      url,
      connections: 4,
      pauseMs: 20,
      method: 'POST',
      headers,
      body: JSON.stringify(exampleNewOrder),
    });
    await using listing = load({ url: `${url}?limit=1`, connections: 2, pauseMs: 20 });
    const question = { currency: 'EUR' as const, items: [{ sku: 'A', quantity: 2, unitPrice: 5 }] };
    await using asking = repeatedly(() => operator.broker.request(quote, question));

    await taken(current);
    let terminated = 0;
    const startedAt = performance.now();
    for (let number = 1; number <= generations; number += 1) {
      const nextAt = performance.now() + intervalMs;
      const next = generation(number);
      await put(next);
      await taken(next);
      for (const server of servers) terminated += await server.drop(current);
      current = next;
      await delay(Math.max(0, nextAt - performance.now()));
    }

    const tookSeconds = Math.round((performance.now() - startedAt) / 1_000);
    const [placed, listed, asked] = await Promise.all([placing.stop(), listing.stop(), asking.stop()]);
    const lost = { refused: 0, reset: 0, timedOut: 0, faults: [] };
    expect(placed).toEqual({ ...lost, answered: placed.answered, answers: { 201: placed.answered } });
    expect(listed).toEqual({ ...lost, answered: listed.answered, answers: { 200: listed.answered } });
    expect(asked.failed).toEqual([]);
    expect(terminated).toBe(0);
    for (const server of servers) {
      const opened = server.opened();
      for (let number = 0; number <= generations; number += 1) expect(opened[`orders_${number}`]).toBeGreaterThan(0);
      console.log(`connections by generation: ${JSON.stringify(opened)}`);
    }
    // What was placed was told, too.
    const left = async () => (await operator.ask('SELECT count(*)::int AS count FROM outbox'))[0]!.count === 0;
    await waitFor(left, { what: 'the outbox to be empty', timeoutMs: 20_000 });
    expect(service.logs.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    console.log(
      `${placed.answered} placed, ${listed.answered} listed, ${asked.done} asked over ${tookSeconds} s: none failed`,
    );
  },
);
