import { postgresRequirement, skipUnless } from '@org/testing';
import { eq, gt, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kinds, openTest, type Opened, type TestDatabase } from '../../test-fixtures/databases.ts';
import { customers, orders } from '../../test-fixtures/models.ts';
import { page, type PageOptions } from './page.ts';
import { updateVersion } from './update-version.ts';
import { upsert } from './upsert.ts';

describe.each(kinds)('on %s', (kind) => {
  let opened: TestDatabase | undefined;
  let database: Opened;
  beforeAll(async () => void (opened = await openTest(kind)));
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach(async (context) => {
    skipUnless(context, opened !== undefined, postgresRequirement);
    database = opened.database;
    await database.delete(orders);
    await database.delete(customers);
  });

  describe('a list in pages', () => {
    type Options = Omit<PageOptions<typeof orders>, 'cursor' | 'limit'>;
    const idsOf = async (options: Options, limit: number) => {
      const pages: number[][] = [];
      let cursor: string | undefined;
      do {
        const { items, nextCursor } = await page(database, orders, { ...options, limit, cursor });
        pages.push(items.map(({ id }) => id));
        cursor = nextCursor;
      } while (cursor !== undefined);
      return pages;
    };
    beforeEach(async () => {
      const moments = [1, 2, 2, 2, 3].map((second) => new Date(1_700_000_000_000 + second * 1_000));
      await database
        .insert(orders)
        .values(moments.map((createdAt, index) => ({ id: index + 1, total: index, createdAt })));
    });

    test('gives each row once, in order', async () => {
      expect(await idsOf({ by: ['id'] }, 2)).toEqual([[1, 2], [3, 4], [5]]);
      expect(await idsOf({ by: ['id'] }, 5)).toEqual([[1, 2, 3, 4, 5]]);
      expect(await idsOf({ by: ['createdAt', 'id'], order: 'descending' }, 2)).toEqual([[5, 4], [3, 2], [1]]);
      expect(await idsOf({ by: ['id'], where: gt(orders.total, 1) }, 2)).toEqual([[3, 4], [5]]);
    });

    test('goes on where it was, whatever comes and goes meanwhile', async () => {
      // Finer than what a `Date` can say.
      await database.execute(sql`UPDATE orders SET created_at = created_at + id * interval '1 microsecond'`);
      const first = await page(database, orders, { by: ['createdAt', 'id'], limit: 3 });
      await database.delete(orders).where(eq(orders.id, 3));
      await database.insert(orders).values({ id: 6, total: 0, createdAt: new Date(0) });
      const { items, nextCursor } = await page(database, orders, {
        by: ['createdAt', 'id'],
        limit: 3,
        cursor: first.nextCursor,
      });
      expect([items.map(({ id }) => id), nextCursor]).toEqual([[4, 5], undefined]);
    });

    test.each([
      '',
      'nonsense',
      Buffer.from('["1","2"]').toString('base64url'),
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('["x"]').toString('base64url'),
      Buffer.from('["99999999999999999999"]').toString('base64url'),
    ])('does not begin at the cursor %j', async (cursor) => {
      const wanted = page(database, orders, { by: ['id'], limit: 2, cursor });
      await expect(wanted).rejects.toMatchObject({ code: 'invalid_argument', reason: 'CURSOR_INVALID' });
    });

    test('takes no value of a cursor for a part of the statement', async () => {
      const cursor = Buffer.from(JSON.stringify(['1) OR (1=1'])).toString('base64url');
      const wanted = page(database, orders, { by: ['id'], limit: 2, cursor });
      await expect(wanted).rejects.toMatchObject({ code: 'invalid_argument', reason: 'CURSOR_INVALID' });
    });

    test.each([0, -1, 1.5, Number.NaN])('has no limit of %s', async (limit) => {
      await expect(page(database, orders, { by: ['id'], limit })).rejects.toThrow(RangeError);
    });
  });

  describe('upsert', () => {
    test('inserts what is new and changes what is there', async () => {
      const [first] = await upsert(database, customers, { email: 'a' }, { target: customers.email });
      expect(await upsert(database, customers, [{ email: 'a' }, { email: 'b' }], { target: customers.email })).toEqual([
        first,
        { id: expect.any(String), email: 'b' },
      ]);
      await upsert(database, orders, { id: 1, total: 1, tags: ['x'] }, { target: orders.id });
      const [changed] = await upsert(database, orders, { id: 1, total: 2 }, { target: orders.id });
      expect(changed).toMatchObject({ id: 1, total: 2, tags: ['x'] });
      expect(await upsert(database, orders, [], { target: orders.id })).toEqual([]);
    });

    test('changes what it is told to, where it is told to', async () => {
      await upsert(database, orders, { id: 1, total: 1 }, { target: orders.id });
      const set = { total: sql`${orders.total} + excluded.total` };
      expect(await upsert(database, orders, { id: 1, total: 5 }, { target: orders.id, set })).toMatchObject([
        { total: 6 },
      ]);
      const setWhere = gt(orders.total, 100);
      expect(await upsert(database, orders, { id: 1, total: 5 }, { target: orders.id, set, setWhere })).toEqual([]);
    });
  });

  describe('a change by version', () => {
    test('is made once for each version that was read', async () => {
      await database.insert(orders).values({ id: 1, total: 1 });
      const change = (version: number, total: number) =>
        updateVersion(database, orders, { where: eq(orders.id, 1), version, set: { total } });
      expect(await change(1, 2)).toMatchObject({ total: 2, version: 2 });
      await expect(change(1, 3)).rejects.toMatchObject({
        code: 'aborted',
        reason: 'VERSION_CHANGED',
        details: { version: 2 },
      });
      const racing = await Promise.allSettled([change(2, 4), change(2, 5)]);
      expect(racing.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    test('needs a row', async () => {
      const change = updateVersion(database, orders, { where: eq(orders.id, 9), version: 1, set: { total: 1 } });
      await expect(change).rejects.toMatchObject({ code: 'not_found', reason: 'ROW_MISSING' });
    });
  });

  test('timestamps say when a row was made, and when it was changed', async () => {
    const old = new Date(0);
    const [made] = await database.insert(orders).values({ total: 1 }).returning();
    expect(Math.abs(Date.now() - (made?.createdAt.getTime() ?? 0))).toBeLessThan(60_000);
    await database.update(orders).set({ createdAt: old, updatedAt: old });
    const [changed] = await database.update(orders).set({ total: 2 }).returning();
    expect(changed?.createdAt).toEqual(old);
    expect(changed?.updatedAt.getTime()).toBeGreaterThan(old.getTime());
  });
});
