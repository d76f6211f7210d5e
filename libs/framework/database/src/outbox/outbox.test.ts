import { createCall, runInCall } from '@org/context';
import { recordTelemetry } from '@org/telemetry/testing';
import { collectLogger, postgresRequirement, skipUnless, waitFor } from '@org/testing';
import { trace } from '@opentelemetry/api';
import { asc, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noted, placed, ship } from '../../test-fixtures/broker.ts';
import { kinds, openTest, withClient, type Opened, type TestDatabase } from '../../test-fixtures/databases.ts';
import { orders, outbox } from '../../test-fixtures/models.ts';
import { relayOutbox } from './relay-outbox.ts';

describe.each(kinds)('the outbox on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let database: Opened;
  beforeAll(async () => {
    const contract = { publishes: [placed, noted] };
    opened = await openTest(kind, { contract, outbox: { maximumBytes: 1_000 } });
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach(async (context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
    await database.delete(outbox);
    await database.delete(orders);
  });
  const rows = () => database.select().from(outbox).orderBy(asc(outbox.position));

  test('keeps what is published in a transaction if that is kept, and only then', async () => {
    const place = async (id: string) => {
      await database.insert(orders).values({ total: 1 });
      await database.outbox.publish(placed, { id });
    };
    await database.transaction(() => place('a'));
    await expect(
      database.transaction(async () => {
        await place('b');
        throw new Error('it fails');
      }),
    ).rejects.toThrow('it fails');
    await database.transaction(async () => {
      await place('c');
      const inner = database.transaction(async () => {
        await place('d');
        throw new Error('it fails');
      });
      await expect(inner).rejects.toThrow('it fails');
    });
    expect((await rows()).map(({ key }) => key)).toEqual(['a', 'c']);
    expect(await database.$count(orders)).toBe(2);
  });

  test('has a transaction of its own where there is none', async () => {
    const { id } = await database.outbox.publish(placed, { id: 'a' });
    expect((await rows()).map(({ event }) => (event as { id: string }).id)).toEqual([id]);
  });

  test('keeps events and commands as they are to be sent', async () => {
    const time = new Date('2026-01-02T03:04:05.006Z');
    const expiresAt = new Date('2026-01-03T00:00:00Z');
    await database.outbox.publish(placed, { id: 'a' }, { id: 'e1', subject: 'orders/a', time, expiresAt });
    await database.outbox.publish(placed, { id: 'a' }, { key: 'other' });
    await database.outbox.publish(noted, { id: 'a', text: 'ä "b" \\ \u0000 \u{1f680}' });
    await database.outbox.send(ship, { id: 'a', number: 7 });
    const [first, second, third, fourth] = await rows();
    expect(first).toMatchObject({ kind: 'event', key: 'a', attempts: 0, retryAt: null, lastError: null });
    expect(first?.event).toEqual({
      specversion: '1.0',
      id: 'e1',
      source: '/services/tests',
      type: placed.type,
      time: time.toISOString(),
      expirytime: expiresAt.toISOString(),
      subject: 'orders/a',
      datacontenttype: 'application/json',
      partitionkey: 'a',
      data: { id: 'a', number: 0 },
    });
    expect(second).toMatchObject({ key: 'other', event: { partitionkey: 'other' } });
    expect(third).toMatchObject({ key: null, event: { data: { text: 'ä "b" \\ \u0000 \u{1f680}' } } });
    expect(fourth).toMatchObject({ kind: 'command', event: { type: ship.type, data: { number: 7 } } });
  });

  test('keeps the trace and the correlation of whoever publishes', async () => {
    await using telemetry = await recordTelemetry();
    using call = createCall({ requestId: 'r1' });
    await runInCall(call, () =>
      trace.getTracer('test').startActiveSpan('place', async (span) => {
        await database.outbox.publish(placed, { id: 'a' });
        span.end();
      }),
    );
    const span = telemetry.spans.find(({ name }) => name === 'place')?.spanContext();
    const traceparent = `00-${span?.traceId}-${span?.spanId}-01`;
    expect((await rows())[0]?.event).toMatchObject({ traceparent, correlationid: 'r1' });
  });

  test('refuses what the contract does not name, and data that does not fit', async () => {
    const unnamed = { ...placed, type: 'orders.order.lost.v1' };
    const named = `Expected the contract to name the event \`orders.order.lost.v1\` under \`publishes\`, where it has \`${placed.type}\`, \`${noted.type}\``;
    await expect(database.outbox.publish(unnamed, { id: 'a' })).rejects.toThrow(new TypeError(named));
    const wrong = database.outbox.publish(placed, { id: 1 } as never);
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_argument', reason: 'PAYLOAD_SCHEMA_MISMATCH' });
    const large = database.outbox.publish(placed, { id: 'a', text: 'x'.repeat(1_000) });
    await expect(large).rejects.toMatchObject({ code: 'invalid_argument', reason: 'PAYLOAD_TOO_LARGE' });
    expect(await rows()).toEqual([]);
  });

  test.runIf(kind === 'postgres')('gives events of a key their positions in the order of the commits', async () => {
    const turn = Promise.withResolvers<void>();
    const published = Promise.withResolvers<void>();
    const first = database.transaction(async () => {
      await database.outbox.publish(placed, { id: 'a', number: 1 });
      published.resolve();
      await turn.promise;
    });
    await published.promise;
    let second = 'waits';
    const following = database.transaction(async () => {
      await database.outbox.publish(placed, { id: 'a', number: 2 });
      second = 'has its turn';
    });
    // Another key waits for nobody.
    await database.transaction(() => database.outbox.publish(placed, { id: 'b', number: 3 }));
    await waitFor(() => withClient(opened?.url ?? '', waiting), { what: 'the second to wait' });
    expect(second).toBe('waits');
    turn.resolve();
    await Promise.all([first, following]);
    const order = (await rows()).map(({ event }) => (event as { data: { number: number } }).data.number);
    expect(order.filter((number) => number !== 3)).toEqual([1, 2]);
  });

  test('keeps the order of commits of many that publish at once', async () => {
    const commits: number[] = [];
    const place = (number: number) =>
      database.transaction(async () => {
        const [key, other] = number % 2 === 0 ? ['a', 'b'] : ['b', 'c'];
        await database.outbox.publish(placed, { id: key, number });
        await database.outbox.publish(placed, { id: other, number });
        const { rows } = await database.execute<{ count: string }>(sql`SELECT count(*) FROM outbox WHERE key = 'b'`);
        commits[Number(rows[0]?.count) - 1] = number;
      });
    await Promise.all(Array.from({ length: 30 }, (_, index) => place(index)));
    const ofKey = (await rows()).filter(({ key }) => key === 'b');
    expect(ofKey.map(({ event }) => (event as { data: { number: number } }).data.number)).toEqual(commits);
  });
});

async function waiting(client: { query(text: string): Promise<{ rows: unknown[] }> }): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
  );
  return rows.length > 0;
}

describe.each(kinds)('without its tables a database on %s', (kind) => {
  test('says how to make them', async (context) => {
    await using opened = await openTest(kind);
    skipUnless(context, opened !== undefined, postgresRequirement);
    const { database } = opened;
    await database.execute(sql`DROP TABLE outbox, inbox`);
    await database.execute(sql`ALTER TABLE idempotency_keys DROP COLUMN answer`);
    const missing = (name: string, table: string) => ({
      code: 'failed_precondition',
      reason: 'TABLE_MISSING',
      message: expect.stringMatching(
        new RegExp(`no table \`${table}\`.*\`export { ${name} } from '@org/database'\`.*generate a migration`),
      ),
    });
    await expect(database.outbox.publish(placed, { id: 'a' })).rejects.toMatchObject(missing('outbox', 'outbox'));
    await expect(database.inbox.run('a', '1', async () => {})).rejects.toMatchObject(missing('inbox', 'inbox'));
    const run = database.idempotency.run('k', 'f', async () => 1);
    await expect(run).rejects.toMatchObject(missing('idempotencyKeys', 'idempotency_keys'));
    const relay = relayOutbox(database, { forward: async () => {} }, { logger: collectLogger() });
    await expect(relay).rejects.toMatchObject(missing('outbox', 'outbox'));
    // What lacks in the work is its own.
    await expect(
      database.transaction(async () => void (await database.execute(sql`SELECT FROM lacking`))),
    ).rejects.toMatchObject({ reason: 'STATEMENT_REFUSED' });
  });
});
