import { defineCollection } from '@org/documents';
import { recordTelemetry, type RecordedTelemetry } from '@org/telemetry/testing';
import { trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { startMongoDouble, type MongoDouble } from '../test-fixtures/mongo-double.ts';
import { open } from '../test-fixtures/open.ts';

const things = defineCollection({ name: 'things', schema: z.object({ n: z.number() }) });

let telemetry: RecordedTelemetry;
let double: MongoDouble;
beforeEach(async () => {
  telemetry = await recordTelemetry();
  double = await startMongoDouble();
});
afterEach(async () => {
  await double[Symbol.asyncDispose]();
  await telemetry[Symbol.asyncDispose]();
});
const named = (name: string) => telemetry.spans.filter((span) => span.name === name);

test('each operation has a span below the caller’s, by the conventions and without values', async () => {
  await using documents = await open(double.url, { collections: [things] });
  const collection = documents.collection(things);
  await trace.getTracer('test').startActiveSpan('caller', async (span) => {
    await collection.insertMany(Array.from({ length: 25 }, (_, n) => ({ _id: `secret-${n}`, n })));
    await collection.find({ n: { $gte: 0 } }, { batchSize: 10 }).toArray();
    await collection.insertOne({ _id: 'secret-1', n: 1 }).catch(() => {});
    span.end();
  });
  const [caller] = named('caller');
  const [find] = named('find things');
  expect(find?.kind).toBe(2);
  expect(find?.parentSpanContext?.spanId).toBe(caller?.spanContext().spanId);
  expect(find?.attributes).toEqual({
    'db.system.name': 'mongodb',
    'db.namespace': 'tests',
    'db.operation.name': 'find',
    'db.collection.name': 'things',
    'server.address': '127.0.0.1',
    'server.port': double.port,
  });
  expect(named('getMore things').length).toBeGreaterThan(1);
  expect(named('bulkWrite things')).toHaveLength(1);
  const [insert] = named('insert things');
  expect(insert?.status.code).toBe(2);
  expect(insert?.attributes).toMatchObject({ 'error.type': 'DUPLICATE_KEY', 'db.response.status_code': '11000' });
  expect(JSON.stringify(telemetry.spans.map(({ attributes, events }) => [attributes, events]))).not.toContain('secret');
});

test('durations and connections are measured', async () => {
  await using documents = await open(double.url, { collections: [things], environment: { DOCUMENTS_POOL_SIZE: '4' } });
  const collection = documents.collection(things);
  await collection.insertOne({ _id: 'x', n: 1 });
  await collection.insertOne({ _id: 'x', n: 1 }).catch(() => {});
  const measured = await telemetry.measure();
  const operation = {
    'db.system.name': 'mongodb',
    'db.namespace': 'tests',
    'db.operation.name': 'insert',
    'db.collection.name': 'things',
  };
  expect(measured['db.client.operation.duration']?.points).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...operation, value: 1 }),
      expect.objectContaining({ ...operation, 'error.type': 'DUPLICATE_KEY', value: 1 }),
    ]),
  );
  const pool = { 'db.client.connection.pool.name': 'tests' };
  expect(measured['db.client.connection.max']?.points).toEqual([{ ...pool, value: 4 }]);
  expect(measured['db.client.connection.count']?.points).toContainEqual({
    ...pool,
    'db.client.connection.state': 'idle',
    value: 1,
  });
});
