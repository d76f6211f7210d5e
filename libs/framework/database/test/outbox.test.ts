import { collectLogger, waitFor } from '@org/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { createTestBroker, placed } from '../test-fixtures/broker.ts';
import { open, withClient, type Opened } from '../test-fixtures/databases.ts';
import * as models from '../test-fixtures/models.ts';
import { useOwnServer } from '../test-fixtures/server.ts';
import { relayOutbox, type RelayOptions } from '../src/index.ts';

const server = useOwnServer();
beforeEach(() => withClient(server.url, (client) => client.query('TRUNCATE outbox, orders')));

/** A relay that nobody but a notification wakes. */
async function startRelay(options: RelayOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const [broker, logger] = [createTestBroker(), collectLogger()];
  const database = stack.use(await open(server.url, { environment: { DATABASE_CONNECT_TIMEOUT: '2s' } }));
  const relay = stack.use(await relayOutbox(database, broker, { logger }, { pollMs: 600_000, ...options }));
  const owned = stack.move();
  const lines = (level: string) => logger.lines.filter((line) => line.level === level).map(({ message }) => message);
  return { broker, relay, lines, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
const publish = (database: Opened, ...numbers: number[]) =>
  database.transaction(async () => {
    for (const number of numbers) await database.outbox.publish(placed, { id: 'a', number });
  });
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `a${index + 1}`);
const listening = () =>
  withClient(server.url, async (client) => {
    const query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'tests' AND query ~ '^COMMIT'";
    return (await client.query<{ pid: number }>(query)).rows;
  });

describe('a relay whose session', () => {
  test('ends hears of what comes from the next one', async () => {
    await using publisher = await open(server.url);
    await using started = await startRelay();
    await publish(publisher, 1);
    await waitFor(() => started.broker.taken.length === 1, { what: 'the first' });
    const [session] = await listening();
    await withClient(server.url, (client) => client.query('SELECT pg_terminate_backend($1)', [session?.pid]));
    await waitFor(async () => (await listening()).some(({ pid }) => pid !== session?.pid), { what: 'another session' });
    await publish(publisher, 2);
    await waitFor(() => started.broker.taken.length === 2, { what: 'the second' });
    expect(started.broker.names()).toEqual(['a1', 'a2']);
  });

  test('ends between the broker’s confirmation and the commit hands over the same again, and nothing comes before it', async () => {
    await using publisher = await open(server.url);
    await using started = await startRelay();
    const { broker } = started;
    broker.before = async ({ data }) => {
      if (data?.number !== 2) return;
      broker.before = () => {};
      const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'tests' AND state = 'idle in transaction'`;
      await withClient(server.url, (client) => client.query(kill));
    };
    await publish(publisher, 1, 2, 3);
    await waitFor(async () => (await publisher.$count(models.outbox)) === 0, { what: 'the outbox to be empty' });
    expect(broker.names()).toEqual(['a1', 'a2', 'a3', 'a1', 'a2', 'a3']);
    expect(new Set(broker.taken.map(({ event }) => event.id)).size).toBe(3);
  });
});

describe('a server that', () => {
  test('is killed again and again under load loses nothing of what was committed', async () => {
    await using publisher = await open(server.url, { environment: { DATABASE_CONNECT_TIMEOUT: '2s' } });
    await using started = await startRelay({ pollMs: 200 });
    await using other = await startRelay({ pollMs: 200 });
    let over = false;
    let next = 0;
    const write = async () => {
      while (!over) {
        const number = (next += 1);
        const work = async () => {
          await publisher.insert(models.orders).values({ total: number });
          await publisher.outbox.publish(placed, { id: `key ${number % 5}`, number });
        };
        await publisher.transaction(work).catch(() => {});
      }
    };
    const writing = [write(), write()];
    for (let round = 1; round <= 3; round += 1) {
      const before = started.broker.calls() + other.broker.calls();
      await waitFor(() => started.broker.calls() + other.broker.calls() > before + 20, {
        what: 'a few to be handed over',
      });
      await server.kill();
      await server.restart();
    }
    over = true;
    await Promise.all(writing);
    await waitFor(async () => (await publisher.$count(models.outbox)) === 0, { what: 'the outbox to be empty' });
    const orders = (await publisher.select().from(models.orders)).map(({ total }) => total);
    const handed = [...started.broker.taken, ...other.broker.taken].map(({ event }) => event.data?.number ?? 0);
    const ascending = (one: number, another: number) => one - another;
    expect([...new Set(handed)].toSorted(ascending)).toEqual(orders.toSorted(ascending));
    const isWell = () => started.relay.check(AbortSignal.timeout(1_000)).then(() => true);
    await waitFor(isWell, { what: 'the relay to have the server again', timeoutMs: 20_000 });
  }, 90_000);

  test('is away is told of once, and once when it is back', async () => {
    await using started = await startRelay({ pollMs: 50 });
    await server.kill();
    await waitFor(() => started.lines('warn').length > 0, { what: 'the relay to notice' });
    await expect(started.relay.check?.(AbortSignal.timeout(1_000))).rejects.toMatchObject({
      code: 'unavailable',
      reason: 'OUTBOX_WAITING',
      message: expect.stringContaining('the database is away'),
    });
    await server.restart();
    await waitFor(() => started.lines('info').length > 0, { what: 'the relay to go on' });
    await started.relay.check?.(AbortSignal.timeout(1_000));
    const told = [...started.lines('warn'), ...started.lines('info')].filter((line) => line.startsWith('The outbox'));
    expect(told).toEqual([
      'The outbox keeps what it has, since the database is away',
      'The outbox goes on, since the database is back',
    ]);
  });

  test('does not answer any more keeps no relay from its end', async () => {
    const started = await startRelay({ pollMs: 20 });
    await server.freeze();
    try {
      const startedAt = performance.now();
      await started.relay.drain?.(AbortSignal.timeout(200));
      await started.relay[Symbol.asyncDispose]();
      expect(performance.now() - startedAt).toBeLessThan(7_000);
    } finally {
      await server.thaw();
      await started[Symbol.asyncDispose]();
    }
  });
});

test('numbers of one key are handed over in their order, however many relays there are and die', async () => {
  await using publisher = await open(server.url);
  const relays = new AsyncDisposableStack();
  const taken: string[] = [];
  for (let each = 0; each < 3; each += 1) {
    const started = relays.use(await startRelay({ pollMs: 20, batchSize: 5 }));
    started.broker.before = async ({ data }) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      taken.push(`a${data?.number}`);
    };
  }
  const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'tests' AND state = 'idle in transaction' AND pid <> pg_backend_pid()`;
  for (let number = 1; number <= 60; number += 1) {
    await publish(publisher, number).catch(() => publish(publisher, number));
    if (number % 10 === 0) await withClient(server.url, (client) => client.query(kill));
  }
  await waitFor(async () => (await publisher.$count(models.outbox)) === 0, { what: 'the outbox to be empty' });
  await relays.disposeAsync();
  expect([...new Set(taken)]).toEqual(numbered(60));
});
