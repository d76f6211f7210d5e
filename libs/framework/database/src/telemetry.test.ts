import { recordTelemetry, type RecordedTelemetry } from '@org/telemetry/testing';
import { postgresRequirement, skipUnless } from '@org/testing';
import { trace } from '@opentelemetry/api';
import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kinds, openTest, type Opened, type TestDatabase } from '../test-fixtures/databases.ts';
import { customers, orders } from '../test-fixtures/models.ts';

describe.each(kinds)('what is told of a database on %s', (kind) => {
  let telemetry: RecordedTelemetry;
  let opened: TestDatabase | undefined;
  let database: Opened;
  beforeEach(async (context) => {
    telemetry = await recordTelemetry();
    opened = await openTest(kind, { environment: { DATABASE_POOL_SIZE: '1', DATABASE_POOL_TIMEOUT: '200ms' } });
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
  });
  afterEach(async () => {
    await opened?.[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
  });
  const named = (name: string) => telemetry.spans.filter((span) => span.name === name);

  test('each statement has a span below the caller’s, without values', async () => {
    await trace.getTracer('test').startActiveSpan('caller', async (span) => {
      await database.insert(customers).values({ email: 'secret@example.org' });
      await database.execute(sql.raw("SELECT * FROM customers WHERE email = 'secret@example.org'"));
      span.end();
    });
    const [caller] = named('caller');
    const [insert] = named('INSERT customers');
    expect(insert?.kind).toBe(2);
    expect(insert?.parentSpanContext?.spanId).toBe(caller?.spanContext().spanId);
    expect(insert?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.namespace': expect.any(String),
      'db.operation.name': 'INSERT',
      'db.collection.name': 'customers',
      'db.query.summary': 'INSERT customers',
      'db.query.text': 'insert into "customers" ("id", "email") values (default, $1)',
    });
    if (kind === 'postgres') {
      expect(insert?.attributes).toMatchObject({
        'server.address': expect.any(String),
        'server.port': expect.any(Number),
      });
    }
    expect(named('SELECT customers')[0]?.attributes['db.query.text']).toBe('SELECT * FROM customers WHERE email = ?');
    expect(JSON.stringify(telemetry.spans.map(({ attributes }) => attributes))).not.toContain('secret');
  });

  test('a statement that fails says by what, and a transaction shows each of its commands', async () => {
    await expect(
      database.transaction(async () => void (await database.insert(orders).values({ total: -1 }))),
    ).rejects.toThrow();
    const [insert] = named('INSERT orders');
    expect(insert?.status.code).toBe(2);
    expect(insert?.attributes).toMatchObject({ 'error.type': 'CHECK_VIOLATION', 'db.response.status_code': '23514' });
    expect(insert?.events).toEqual([]);
    expect(named('BEGIN')).toHaveLength(1);
    expect(named('ROLLBACK')).toHaveLength(1);
    expect(named('COMMIT')).toHaveLength(0);
  });

  test('durations, retries and the pool are measured', async () => {
    await database.select().from(orders).where(eq(orders.id, 1));
    let runs = 0;
    await database.transaction(async () => {
      runs += 1;
      if (runs === 1) await database.execute(sql`DO $$ BEGIN RAISE SQLSTATE '40001'; END $$`);
      const waiting = await telemetry.measure();
      expect(waiting['db.client.connection.count']?.points).toContainEqual(
        expect.objectContaining({ 'db.client.connection.state': 'used', value: 1 }),
      );
    });
    const measured = await telemetry.measure();
    const points = (name: string) => measured[name]?.points;
    expect(points('db.client.operation.duration')).toContainEqual(
      expect.objectContaining({ 'db.operation.name': 'SELECT', 'db.collection.name': 'orders', value: 1 }),
    );
    expect(points('db.client.operation.retries')).toEqual([
      { 'error.type': 'SERIALIZATION_FAILURE', value: 1 },
      { 'error.type': 'DEADLOCK', value: 0 },
      { 'error.type': 'CONNECTION_LOST', value: 0 },
    ]);
    expect(points('db.client.connection.max')).toEqual([
      { 'db.client.connection.pool.name': expect.any(String), value: 1 },
    ]);
    expect(points('db.client.connection.wait_time')?.[0]?.value).toBeGreaterThan(2);
    expect(points('db.client.connection.pending_requests')?.[0]?.value).toBe(0);
  });
});
