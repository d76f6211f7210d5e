import type { OpsRequest } from '@org/runtime';
import { recordTelemetry } from '@org/telemetry/testing';
import { collectLogger, postgresRequirement, skipUnless, waitFor, type CollectingLogger } from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  away,
  createTestBroker,
  noted,
  placed,
  ship,
  tooLarge,
  unroutable,
  type TestBroker,
} from '../../test-fixtures/broker.ts';
import { kinds, open, openTest, type Opened, type TestDatabase } from '../../test-fixtures/databases.ts';
import { outbox } from '../../test-fixtures/models.ts';
import { relayOutbox, type OutboxRelay, type RelayOptions } from './relay-outbox.ts';

describe.each(kinds)('a relay on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let database: Opened;
  let broker: TestBroker;
  let logger: CollectingLogger;
  beforeAll(async () => {
    opened = await openTest(kind);
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach(async (context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
    broker = createTestBroker();
    logger = collectLogger();
    await database.delete(outbox);
  });

  // Nobody waits for a look that nobody asked for.
  const start = (options: RelayOptions = {}) =>
    relayOutbox(database, broker, { logger }, { pollMs: 60_000, ...options });
  const publish = (...names: string[]) =>
    database.transaction(async () => {
      for (const name of names) await database.outbox.publish(placed, { id: name[0]!, number: Number(name.slice(1)) });
    });
  const empty = () => waitFor(async () => (await database.$count(outbox)) === 0, { what: 'the outbox to be empty' });
  const retryNow = () => database.execute(sql`UPDATE outbox SET retry_at = now() WHERE retry_at < 'infinity'`);
  const lines = (level: string) => logger.lines.filter((line) => line.level === level);
  const ask = async (relay: OutboxRelay, method: string, path: string, request: Partial<OpsRequest> = {}) => {
    const handler = relay.ops?.find((each) => each.method === method && each.path === path);
    const given = { parameters: {}, query: new URLSearchParams(), ...request } as OpsRequest;
    return (await handler?.handle(given))?.body as never;
  };

  test('hands over what was committed, as it was published, and deletes it', async () => {
    await publish('a1', 'b1');
    await using relay = await start();
    await database.outbox.send(ship, { id: 'c', number: 1 });
    await publish('a2');
    await empty();
    expect(broker.names().toSorted()).toEqual(['a1', 'a2', 'b1', 'c1']);
    expect(broker.taken.map(({ kind, event }) => `${kind} ${event.type}`).toSorted()[0]).toBe(`command ${ship.type}`);
    expect(broker.taken[0]?.event).toMatchObject({ partitionkey: 'a', data: { id: 'a', number: 1 } });
    await relay.drain(AbortSignal.timeout(5_000));
  });

  test('is told of a commit, and not of what is undone', async () => {
    await using relay = await start();
    await database
      .transaction(async () => {
        await database.outbox.publish(placed, { id: 'z' });
        throw new Error('it fails');
      })
      .catch(() => {});
    for (const name of ['a1', 'a2', 'a3']) {
      await publish(name);
      await waitFor(() => broker.names().includes(name), { what: 'it to be handed over', intervalMs: 1 });
    }
    expect(broker.names()).toEqual(['a1', 'a2', 'a3']);
    expect(relay).toMatchObject({ kind: 'messaging', critical: false });
  });

  test('hands over keys side by side, and those of one key one after the other', async () => {
    const atWork = new Map<string, number>();
    let most = 0;
    broker.before = async ({ partitionkey = '' }) => {
      expect(atWork.get(partitionkey) ?? 0).toBe(0);
      atWork.set(partitionkey, 1);
      most = Math.max(
        most,
        [...atWork.values()].reduce((sum, count) => sum + count),
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
      atWork.set(partitionkey, 0);
    };
    await publish('a1', 'b1', 'a2', 'c1', 'a3', 'b2');
    await using _ = await start();
    await empty();
    expect(most).toBe(3);
    expect(broker.names().filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  });

  test('keeps the order of a key when one fails, while others go on', async () => {
    let failures = 2;
    broker.before = ({ data }) => {
      if (data?.id !== 'a' || data.number !== 1 || failures === 0) return;
      failures -= 1;
      throw unroutable();
    };
    await publish('a1', 'a2', 'b1', 'a3');
    await using _ = await start({ pollMs: 100 });
    await waitFor(() => broker.names().includes('b1'), { what: 'the other key' });
    await publish('a4', 'c1');
    await waitFor(() => broker.names().includes('c1'), { what: 'a third key' });
    expect(broker.names()).toEqual(['b1', 'c1']);
    await waitFor(
      async () => {
        await retryNow();
        return (await database.$count(outbox)) === 0;
      },
      { what: 'the rest' },
    );
    expect(broker.names().filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(lines('warn').map(({ message }) => message)).toEqual([
      'Messages of the outbox were not taken, and are tried again later',
    ]);
  });

  test('tries what is not taken again after pauses that grow, and says why it waits', async () => {
    broker.before = () => {
      throw unroutable();
    };
    await using _ = await start({ pollMs: 20 });
    await publish('a1');
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const row = await waitFor(
        async () => {
          const query = sql`SELECT attempts, last_error AS error, extract(epoch FROM retry_at - clock_timestamp())::float8 AS pause FROM outbox WHERE attempts = ${attempt}`;
          const { rows } = await database.execute<{ error: string; pause: number }>(query);
          return rows[0];
        },
        { what: `attempt ${attempt}`, intervalMs: 5 },
      );
      expect(row.error).toBe('failed_precondition MESSAGE_UNROUTABLE: Cannot publish: nobody has a queue');
      pauses.push(Math.round(row.pause));
      await retryNow();
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test('sets aside what the broker will never take, and the rest of its key goes on', async () => {
    broker.before = ({ data }) => {
      if (data?.number === 1) throw tooLarge();
    };
    await publish('a1', 'a2', 'b2');
    await using relay = await start({ pollMs: 20 });
    await waitFor(() => broker.taken.length === 2, { what: 'the others' });
    await waitFor(async () => (await database.$count(outbox)) === 1, { what: 'the others to be deleted' });
    expect(lines('error')).toMatchObject([
      {
        message: expect.stringContaining('were set aside'),
        fields: { count: 1, err: { reason: 'PAYLOAD_TOO_LARGE' } },
      },
    ]);
    const shown = await ask(relay, 'GET', '/outbox');
    expect(shown).toMatchObject({
      waiting: 0,
      setAside: 1,
      oldest: 0,
      items: [
        {
          position: expect.any(String),
          key: 'a',
          type: placed.type,
          attempts: 1,
          setAside: true,
          retryAt: null,
          error: 'invalid_argument PAYLOAD_TOO_LARGE: Cannot publish: it is too large',
        },
      ],
    });
    expect(broker.calls()).toBe(3);

    broker.before = () => {};
    const [{ position }] = (shown as { items: [{ position: string }] }).items;
    expect(await ask(relay, 'POST', '/outbox/:position/retry', { parameters: { position } })).toEqual({ retried: 1 });
    await empty();
    expect(broker.names().at(-1)).toBe('a1');
    for (const [method, path] of [
      ['POST', '/outbox/:position/retry'],
      ['DELETE', '/outbox/:position'],
    ] as const) {
      for (const unknown of [position, 'x', '9'.repeat(30)]) {
        const asked = ask(relay, method, path, { parameters: { position: unknown } });
        await expect(asked).rejects.toMatchObject({ code: 'not_found', reason: 'OUTBOX_MESSAGE_UNKNOWN' });
      }
    }
    await expect(ask(relay, 'GET', '/outbox', { query: new URLSearchParams('limit=0') })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  test('an operator deletes what holds up its key', async () => {
    broker.before = ({ data }) => {
      if (data?.number === 1) throw unroutable();
    };
    await publish('a1', 'a2');
    await using relay = await start();
    const items = await waitFor(
      async () => {
        const { items } = (await ask(relay, 'GET', '/outbox')) as { items: { position: string }[] };
        return items.length > 0 ? items : undefined;
      },
      { what: 'it to fail' },
    );
    expect(items).toMatchObject([{ setAside: false, retryAt: expect.any(Date) }]);
    const { position } = items[0]!;
    expect(await ask(relay, 'DELETE', '/outbox/:position', { parameters: { position } })).toEqual({ deleted: 1 });
    await empty();
    expect(broker.names()).toEqual(['a2']);
  });

  test('waits for a broker that is away without trying it all the time, and says so once', async () => {
    let gone = true;
    broker.before = () => {
      if (gone) throw away();
    };
    await using relay = await start({ pollMs: 50 });
    const names = Array.from({ length: 50 }, (_, index) => `${'abcde'[index % 5]}${index}`);
    await publish(...names);
    await waitFor(() => lines('warn').length > 0, { what: 'the relay to notice' });
    await expect(relay.check(AbortSignal.timeout(1_000))).rejects.toMatchObject({
      code: 'unavailable',
      reason: 'OUTBOX_WAITING',
      message: expect.stringContaining('the broker is away'),
    });
    const before = broker.calls();
    expect(before).toBeLessThanOrEqual(5);
    const startedAt = performance.now();
    for (let round = 0; performance.now() - startedAt < 600; round += 1) await publish(`f${round}`);
    expect(broker.calls() - before).toBeLessThan(4 + (performance.now() - startedAt) / 150);
    gone = false;
    await waitFor(
      async () => {
        await retryNow();
        return (await database.$count(outbox)) === 0;
      },
      { what: 'the outbox to be empty' },
    );
    for (const key of 'abcde') {
      const expected = names.filter((name) => name.startsWith(key));
      expect(broker.names().filter((name) => name.startsWith(key))).toEqual(expected);
    }
    await relay.check(AbortSignal.timeout(1_000));
    expect(lines('warn')).toHaveLength(1);
    expect(lines('info').map(({ message }) => message)).toEqual(['The outbox goes on, since the broker is back']);
  });

  test('one message that always finds the broker away holds up nobody', async () => {
    broker.before = ({ data }) => {
      if (data?.id === 'a') throw away();
    };
    await publish('a1');
    await using _ = await start({ pollMs: 20 });
    await waitFor(() => broker.calls() >= 1, { what: 'it to fail' });
    await publish('b1', 'c1');
    await waitFor(() => broker.taken.length === 2, { what: 'the others' });
    await database.delete(outbox);
  });

  test('what is no event is set aside', async () => {
    await database.execute(sql`INSERT INTO outbox (kind, event) VALUES ('event', '{"id":1}')`);
    await publish('a1');
    await using relay = await start();
    await waitFor(() => broker.taken.length === 1, { what: 'the other' });
    await waitFor(async () => ((await ask(relay, 'GET', '/outbox')) as { setAside: number }).setAside === 1, {
      what: 'it to be set aside',
    });
  });

  test('several hand over each message once, and those of a key in their order', async () => {
    broker.before = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    const replicas = kind === 'postgres' ? 3 : 1;
    const others = await Promise.all(Array.from({ length: replicas - 1 }, () => open(opened?.url ?? '')));
    await using stack = new AsyncDisposableStack();
    for (const other of others) stack.use(other);
    for (const each of [database, ...others]) {
      stack.use(await relayOutbox(each, broker, { logger }, { batchSize: 7, pollMs: 20 }));
    }
    const keys = ['a', 'b', 'c'];
    const names: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      const some = keys.map((key) => `${key}${round}`);
      names.push(...some);
      await publish(...some);
      if (round % 10 === 0) await database.outbox.publish(noted, { id: 'x', number: round });
    }
    await empty();
    expect(broker.taken).toHaveLength(names.length + 4);
    for (const key of keys) {
      const expected = names.filter((name) => name.startsWith(key));
      expect(broker.names().filter((name) => name.startsWith(key))).toEqual(expected);
    }
  });

  test('a key with very many holds up no other', async () => {
    broker.before = ({ partitionkey }) => new Promise((resolve) => setTimeout(resolve, partitionkey === 'a' ? 20 : 0));
    await publish(...Array.from({ length: 100 }, (_, index) => `a${index}`));
    await using _ = await start();
    await waitFor(() => broker.taken.length > 0, { what: 'the first' });
    await publish('b1');
    await waitFor(() => broker.names().includes('b1'), { what: 'the other key' });
    expect(broker.taken.length).toBeLessThan(60);
    await empty();
    expect(broker.names().filter((name) => name.startsWith('a'))).toEqual(
      Array.from({ length: 100 }, (_, index) => `a${index}`),
    );
  });

  test('what runs in the broker has no part in the transaction of the relay', async () => {
    broker.before = async ({ data }) => {
      await database.outbox.publish(noted, { id: `heard ${data?.id}` }).catch(() => {});
      if (data?.id === 'a') throw tooLarge();
    };
    await publish('a1');
    await using _ = await start();
    await waitFor(() => broker.calls() > 0, { what: 'it to be handed over' });
    broker.before = () => {};
    await waitFor(() => broker.names().includes('heard a0'), { what: 'what was published there' });
    await database.delete(outbox);
  });

  test('finishes what it has begun when it stops, and what comes while it does', async () => {
    const gate = Promise.withResolvers<void>();
    broker.before = () => gate.promise;
    const relay = await start();
    await publish('a1');
    await waitFor(() => broker.calls() === 1, { what: 'it to be handed over' });
    const drained = relay.drain(AbortSignal.timeout(10_000));
    await publish('b1');
    gate.resolve();
    await drained;
    expect(broker.names()).toEqual(['a1', 'b1']);
    expect(await database.$count(outbox)).toBe(0);
    await publish('c1');
    await relay[Symbol.asyncDispose]();
    expect(broker.names()).toEqual(['a1', 'b1']);
    expect(await database.$count(outbox)).toBe(1);
  });

  test('gives up when its time is over, and loses nothing', async () => {
    broker.before = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(away())));
    const relay = await start();
    await publish('a1');
    await waitFor(() => broker.calls() === 1, { what: 'it to be handed over' });
    const startedAt = performance.now();
    await relay.drain(AbortSignal.timeout(100));
    await relay[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    broker.before = () => {};
    await using _ = await start();
    await empty();
    expect(broker.names()).toEqual(['a1']);
  });

  test('its lag, what it hands over and what fails are measured', async () => {
    await using telemetry = await recordTelemetry();
    const gate = Promise.withResolvers<void>();
    broker.before = async ({ data }) => {
      if (data?.number === 3) throw tooLarge();
      await gate.promise;
    };
    await publish('a1', 'b3', 'c1');
    await database.execute(sql`UPDATE outbox SET published_at = published_at - interval '1 hour'`);
    await using _ = await start();
    await waitFor(() => broker.calls() === 3, { what: 'them to be handed over' });
    const waiting = await telemetry.measure();
    expect(waiting['outbox.lag']?.points[0]?.value).toBeGreaterThanOrEqual(3_600);
    expect(waiting['outbox.waiting']?.points).toEqual([{ value: 3 }]);
    gate.resolve();
    await waitFor(() => broker.taken.length === 2, { what: 'the others' });
    await waitFor(async () => (await database.$count(outbox)) === 1, { what: 'the batch to end' });
    const measured = await telemetry.measure();
    const points = (name: string) => measured[name]?.points;
    expect(points('outbox.delivery.delay')).toEqual([{ value: 2 }]);
    expect(points('outbox.delivery.failures')).toEqual([
      { 'error.type': 'unavailable', value: 0 },
      { 'error.type': 'invalid_argument', value: 1 },
    ]);
    expect([points('outbox.lag'), points('outbox.waiting'), points('outbox.set_aside')]).toEqual([
      [{ value: 0 }],
      [{ value: 0 }],
      [{ value: 1 }],
    ]);
    // Its looks are nobody's trace.
    expect(telemetry.spans.filter(({ name }) => /DELETE|UPDATE|WITH|LISTEN/.test(name))).toEqual([]);
  });

  test.runIf(kind === 'postgres')('hears of what other processes publish', async () => {
    await using other = await open(opened?.url ?? '');
    await using _ = await start();
    for (const number of [1, 2, 3]) {
      await other.outbox.publish(placed, { id: 'a', number });
      await waitFor(() => broker.taken.length === number, { what: 'it to be handed over' });
    }
  });

  test.each([{ batchSize: 0 }, { batchSize: 1_001 }, { pollMs: 0.5 }])('%j is refused', async (options) => {
    await expect(start(options)).rejects.toThrow(RangeError);
  });
});
