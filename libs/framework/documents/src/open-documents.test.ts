import { readSettings } from '@org/config';
import { eq } from 'drizzle-orm';
import { collectLogger, postgresRequirement, skipUnless } from '@org/testing';
import { recordTelemetry } from '@org/telemetry/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { kinds, openTest, service, type TestDatabase } from '../test-fixtures/databases.ts';
import {
  defineCollection,
  documentsSettings,
  documentsTable,
  openDocuments,
  type DocumentAdapter,
  type DocumentsSettings,
} from './index.ts';

const schema = z.object({
  customer: z.string(),
  total: z.number(),
  at: z.date(),
  open: z.boolean().default(true),
  note: z.string().optional(),
  lines: z.array(z.object({ sku: z.string() })).default([]),
});
const cartsOf = (name: string) =>
  defineCollection({
    name,
    schema,
    indexes: [{ keys: { customer: 1, total: -1 } }, { keys: { at: 1 } }, { keys: { note: 1 }, unique: true }],
  });
const runtime = { logger: collectLogger(), service };
const settingsOf = (environment: Record<string, string>, adapters: DocumentAdapter[] = []) =>
  readSettings({ documents: documentsSettings({ adapters }) }, { environment, service: 'tests', schemes: [] });
const opening = (
  environment: Record<string, string>,
  options: Parameters<typeof openDocuments>[1],
  adapters: DocumentAdapter[] = [],
) => openDocuments(settingsOf(environment, adapters).settings.documents as DocumentsSettings, options, runtime);

describe('which database it is', () => {
  const opened: string[] = [];
  const store = { collection: () => expect.fail(), [Symbol.asyncDispose]: async () => void opened.push('closed') };
  const adapter: DocumentAdapter = {
    name: 'other',
    ports: { 'other:': 1234 },
    open: async ({ url, service: name, poolSize }) => {
      opened.push(`${url.reveal()} ${name} ${poolSize}`);
      return store;
    },
  };

  test('the protocol of the URL picks the adapter', async () => {
    const environment = { DOCUMENTS_URL: 'OTHER://x:1', DOCUMENTS_POOL_SIZE: '3' };
    await using documents = await opening(environment, { adapters: [adapter], collections: [] }, [adapter]);
    expect(documents.kind).toBe('datastore');
    expect(opened).toEqual(['OTHER://x:1 tests 3']);
    await documents[Symbol.asyncDispose]();
    await documents[Symbol.asyncDispose]();
    expect(opened).toEqual(['OTHER://x:1 tests 3', 'closed']);
  });

  test('a URL that no adapter takes, and settings of other adapters, are faults', async () => {
    expect(() => settingsOf({ DOCUMENTS_URL: 'mongodb://x' })).toThrow(/DOCUMENTS_URL .*expected a URL/);
    const environment = { DOCUMENTS_URL: 'other://x' };
    await expect(opening(environment, { collections: [] }, [adapter])).rejects.toThrow(/Expected `adapters`/);
    await expect(opening({}, { collections: [] })).rejects.toThrow(/Expected `database`/);
    const twice = [cartsOf('carts'), cartsOf('carts')];
    await expect(opening({}, { collections: twice })).rejects.toThrow(TypeError);
  });
});

describe.each(kinds)('documents in the database on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let base: TestDatabase;
  beforeAll(async () => {
    opened = await openTest(kind, { DATABASE_POOL_SIZE: '3', DATABASE_POOL_TIMEOUT: '1s' });
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach((context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    base = opened;
  });
  let count = 0;
  const made = async () => {
    count += 1;
    const definition = cartsOf(`carts_${count}`);
    const documents = await base.open(definition);
    return { definition, documents, carts: documents.collection(definition) };
  };
  const cart = (customer: string, total = 1) => ({ customer, total, at: new Date(total) });

  test('what is missing of tables and indexes is told before anything is done', async () => {
    const { database } = base;
    const missing = cartsOf('carts_missing');
    const unopened = {
      code: 'failed_precondition',
      reason: 'COLLECTION_MISSING',
      details: { collection: 'carts_missing' },
    };
    await expect(opening({}, { database, collections: [missing] })).rejects.toMatchObject(unopened);
    await database.execute(sql`CREATE TABLE carts_missing (id text)`);
    await expect(opening({}, { database, collections: [missing] })).rejects.toMatchObject(unopened);
    const { definition } = await made();
    await database.execute(sql.raw(`DROP INDEX ${definition.name}_at`));
    await expect(opening({}, { database, collections: [definition] })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'INDEX_MISSING',
      details: { collection: definition.name, index: `${definition.name}_at` },
    });
    await database.execute(sql.raw(`DROP TABLE carts_missing`));
  });

  test('what is done within a transaction of the database takes part in it', async () => {
    const { carts, definition } = await made();
    const table = documentsTable(definition);
    await expect(
      base.database.transaction(async () => {
        await carts.insertOne({ _id: 'a', ...cart('Ann') });
        await carts.updateMany({}, { $inc: { total: 1 } });
        expect(await carts.findOne({ _id: 'a' })).toMatchObject({ total: 2 });
        throw new Error('undo');
      }),
    ).rejects.toThrow('undo');
    expect(await carts.countDocuments()).toBe(0);
    await base.database.transaction(async () => {
      await carts.insertOne({ _id: 'a', ...cart('Ann') });
      const bob = base.database.transaction(() => carts.insertOne({ _id: 'a', ...cart('Bob') }));
      await expect(bob).rejects.toMatchObject({ reason: 'DUPLICATE_KEY' });
      await base.database
        .insert(table)
        .values({ doc: { _id: 'b', ...cart('Cid'), at: { $date: '2026-01-01T00:00:00.000Z' } } });
    });
    expect((await carts.distinct('customer')).sort()).toEqual(['Ann', 'Cid']);
  });

  test('rows are those of a table as any other', async () => {
    const { carts, definition } = await made();
    const table = documentsTable(definition);
    await base.database
      .insert(table)
      .values({ doc: { _id: 'b', customer: 'Cid', at: { $date: '2026-01-01T00:00:00.000Z' } } });
    expect(await carts.findOne({ at: new Date('2026-01-01') })).toEqual({
      _id: 'b',
      customer: 'Cid',
      at: new Date('2026-01-01'),
    });
    expect(await base.database.select({ id: table.id }).from(table).where(eq(table.id, 'b'))).toEqual([{ id: 'b' }]);
  });

  test('a cursor holds no connection while its documents are worked on', async () => {
    const { carts } = await made();
    await carts.insertMany(Array.from({ length: 30 }, (_, n) => ({ _id: String(n), ...cart('Ann', n) })));
    const seen: string[] = [];
    const each = async () => {
      for await (const { _id } of carts.find({}, { sort: { total: 1 }, batchSize: 5 })) {
        await carts.updateOne({ _id }, { $set: { open: false } });
        seen.push(_id);
      }
    };
    await Promise.all([each(), each(), each(), each(), each()]);
    expect(seen).toHaveLength(150);
  });

  test('statements have a span each, without a value or a name in them', async () => {
    await using telemetry = await recordTelemetry();
    await using other = await openTest(kind);
    const definition = cartsOf('carts');
    const carts = (await other!.open(definition)).collection(definition);
    await carts.insertOne(cart('secret-customer'));
    await carts.find({ customer: 'secret-customer', 'lines.sku': { $gt: 'secret-sku' } }).toArray();
    const texts = telemetry.spans.map(({ name, attributes }) => `${name} ${JSON.stringify(attributes)}`);
    expect(texts.some((text) => text.startsWith('INSERT carts'))).toBe(true);
    expect(texts.some((text) => text.startsWith('SELECT carts'))).toBe(true);
    expect(texts.join()).not.toContain('secret');
    expect(texts.filter((text) => text.startsWith('SELECT carts')).join()).not.toContain('sku');
  });

  test('after its end nothing can be done', async () => {
    const { carts, documents, definition } = await made();
    expect(() => documents.collection(cartsOf(definition.name))).toThrow(TypeError);
    await documents[Symbol.asyncDispose]();
    await expect(carts.insertOne(cart('Ann'))).rejects.toMatchObject({
      code: 'unavailable',
      reason: 'DOCUMENTS_CLOSED',
    });
    expect(() => carts.find({})).toThrow('closed');
  });

  test('indexes answer what they are for', async () => {
    const { carts, definition } = await made();
    await carts.insertMany(
      Array.from({ length: 3_000 }, (_, n) => ({
        ...cart(`c${n % 10}`, n),
        note: `n${n}`,
        lines: [{ sku: `s${n}` }],
      })),
    );
    await base.database.execute(sql.raw(`VACUUM ANALYZE ${definition.name}`));
    const plans = await plansOf(base, async () => {
      await carts.find({ customer: 'c7', total: { $gt: 5 } }, { limit: 100 }).toArray();
      await carts.find({ at: { $lt: new Date(3) } }, { limit: 100 }).toArray();
      await carts.find({}, { sort: { at: 1 }, limit: 3 }).toArray();
      await carts.find({ customer: 'c7' }, { sort: { total: -1 }, limit: 3 }).toArray();
      await carts.find({ 'lines.sku': 's7' }, { limit: 100 }).toArray();
      await carts.find({ _id: 'x' }, { limit: 1 }).toArray();
      await carts.find({ note: { $in: ['n1', 'n2'] } }, { limit: 100 }).toArray();
    });
    const { name } = definition;
    const used = [
      `${name}_customer_total_desc`,
      `${name}_at`,
      `${name}_at`,
      `${name}_customer_total_desc`,
      `${name}_doc`,
      `${name}_pkey`,
      `${name}_note`,
    ];
    expect(plans).toHaveLength(used.length);
    for (const [index, plan] of plans.entries()) {
      expect(plan).toContain(used[index]);
      expect(plan).not.toContain('Seq Scan');
    }
    expect(plans[2]).not.toContain('Sort');
    expect(plans[3]).not.toContain('Sort');
  });
});

/** The plans of the statements that a work runs. */
async function plansOf({ database }: TestDatabase, work: () => Promise<void>): Promise<string[]> {
  const plans: string[] = [];
  const { execute } = database;
  const explaining = async (statement: Parameters<typeof execute>[0]) => {
    const explained = sql`EXPLAIN ${statement}`;
    const { rows } = await execute.call(database, explained);
    plans.push(rows.map((row) => String(row['QUERY PLAN'])).join('\n'));
    return execute.call(database, statement);
  };
  Object.assign(database, { execute: explaining });
  try {
    await work();
  } finally {
    Object.assign(database, { execute });
  }
  return plans;
}
