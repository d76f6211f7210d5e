import { expect, test } from 'vitest';
import { tablesMadeBy } from './tables-made-by.ts';

test.each([
  ['CREATE TABLE orders (id integer)', ['"orders"']],
  ['create unlogged table if not exists Sales . "Odd ""name""" (id integer)', ['"sales"."Odd ""name"""']],
  ['CREATE TABLE public.orders (id integer); DROP TABLE IF EXISTS "orders"', []],
  ['CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c (); DROP TABLE a, "b" CASCADE', ['"c"']],
  ['CREATE TABLE sales.a (); ALTER TABLE IF EXISTS ONLY sales.a RENAME TO "B"', ['"sales"."B"']],
  ['CREATE TEMP TABLE a (); CREATE TEMPORARY TABLE b ()', []],
  ["SELECT 'CREATE TABLE a ()'; -- CREATE TABLE b ()\nDO $$ CREATE TABLE c (); $$", []],
])('%s leaves %j', (text, tables) => {
  expect(tablesMadeBy([text])).toEqual(tables);
});

test('what one text makes another one takes away', () => {
  expect(tablesMadeBy(['CREATE TABLE a (); CREATE TABLE b ()', 'DROP TABLE a'])).toEqual(['"b"']);
});
