import { describe, expect, test } from 'vitest';
import { createSummaries, sanitize } from './summary.ts';

describe('the summary of a statement', () => {
  const summaryOf = createSummaries({ 'db.system.name': 'postgresql' });

  test.each([
    ['select "id" from "orders" where "orders"."id" = $1', 'SELECT orders'],
    ['select "id" from "sales"."orders" "o"', 'SELECT sales.orders'],
    ['insert into "orders" ("id") values ($1) on conflict ("id") do update set "id" = excluded.id', 'INSERT orders'],
    ['update "orders" set "total" = $1', 'UPDATE orders'],
    ['delete from orders', 'DELETE orders'],
    ['CREATE TABLE IF NOT EXISTS orders (id text)', 'CREATE orders'],
    ['with "recent" as (select 1 from "orders") select * from "recent"', 'WITH orders'],
    ['  BEGIN ISOLATION LEVEL SERIALIZABLE', 'BEGIN'],
    ['select 1', 'SELECT'],
    ["/* from secret */ select 'from secret'", 'SELECT'],
    ['', 'STATEMENT'],
  ])('of %j is %s', (text, expected) => {
    expect(summaryOf(text).text).toBe(expected);
  });

  test('is made once for each text, with attributes that instruments know again', () => {
    const first = summaryOf('select 1 from a');
    expect(summaryOf('select 1 from a')).toBe(first);
    for (let index = 0; index < 1_001; index += 1) summaryOf(`select ${index}`);
    expect(summaryOf('select 1 from a')).not.toBe(first);
    expect(first.attributes).toEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'a',
    });
  });
});

describe('a sanitized statement', () => {
  test.each([
    ["select * from t where a = 'it''s' and b = 12.5e3", 'select * from t where a = ? and b = ?'],
    [String.raw`select E'a\'b', e'c'`, 'select ?, ?'],
    ["select $$it's$$, $tag$x$tag$, $1", 'select ?, ?, $1'],
    ['select "a1", t2.c3 -- secret', 'select "a1", t2.c3'],
    ['select /* secret */ 1\n  from t', 'select ? from t'],
  ])('of %j is %j', (text, expected) => {
    expect(sanitize(text)).toBe(expected);
  });
});
