import { deepEqual } from 'node:assert/strict';
import type { Filter } from '../types/filter.ts';
import type { Cases } from './conformance.ts';
import { idsOf, type Anything, type World } from './world.ts';

type Expected = readonly [filter: Filter<Anything>, ids: readonly string[]];

/** Inserts documents, and compares what filters find with what MongoDB's documentation and its own tests say. */
const finding = (given: Record<string, object>, expected: readonly Expected[]) => async (world: World) => {
  await world.anything.insertMany(Object.entries(given).map(([_id, document]) => ({ _id, ...document })));
  for (const [filter, ids] of expected) {
    deepEqual([filter, idsOf(await world.anything.find(filter).toArray())], [filter, [...ids].sort()]);
  }
};

const now = new Date('2026-01-02T03:04:05.678Z');

export const filterCases: Cases = {
  'a value is found where it stands, and in arrays': finding(
    {
      one: { a: 1 },
      list: { a: [1, 2] },
      nested: { a: [[1]] },
      text: { a: '1' },
      document: { a: { b: 1 } },
      documents: { a: [{ b: 1 }, { b: 2 }] },
      lists: { a: [{ b: [1, 5] }] },
    },
    [
      [{ a: 1 }, ['one', 'list']],
      [{ a: '1' }, ['text']],
      [{ a: [1, 2] }, ['list']],
      [{ a: [2, 1] }, []],
      [{ a: [1] }, ['nested']],
      [{ 'a.b': 1 }, ['document', 'documents', 'lists']],
      [{ 'a.b': [1, 5] }, ['lists']],
      [{ a: { b: 1 } }, ['document', 'documents']],
      [{ 'a.1': 2 }, ['list']],
      [{ 'a.0.b': 1 }, ['documents', 'lists']],
      [{ 'a.1.b': { $gt: 1 } }, ['documents']],
      [{ a: { $in: [2, '1'] } }, ['list', 'text']],
      [{ a: { $in: [] } }, []],
      [{ a: { $nin: [1, '1'] } }, ['nested', 'document', 'documents', 'lists']],
      [{ 'a.b': { $ne: 1 } }, ['one', 'list', 'nested', 'text']],
      [{}, ['one', 'list', 'nested', 'text', 'document', 'documents', 'lists']],
    ],
  ),

  'comparisons are within a type': finding(
    {
      one: { a: 1 },
      half: { a: 0.5 },
      text: { a: 'b' },
      upper: { a: 'B' },
      yes: { a: true },
      no: { a: false },
      date: { a: now },
      null: { a: null },
      none: {},
      list: { a: [-5, 5, 'z'] },
    },
    [
      [{ a: { $gt: 0 } }, ['one', 'half', 'list']],
      [{ a: { $gte: 1 } }, ['one', 'list']],
      [{ a: { $lt: 0.5 } }, ['list']],
      [{ a: { $lte: 0.5, $gt: 0 } }, ['half', 'list']],
      [{ a: { $gt: 'B' } }, ['text', 'list']],
      [{ a: { $gt: '' } }, ['text', 'upper', 'list']],
      [{ a: { $lt: true } }, ['no']],
      [{ a: { $gte: false } }, ['yes', 'no']],
      [{ a: now }, ['date']],
      [{ a: { $lte: now } }, ['date']],
      [{ a: { $gt: now } }, []],
      [{ a: now.toISOString() }, []],
      [{ a: { $gte: null } }, ['null', 'none']],
      [{ a: { $gt: null } }, []],
      [{ a: { $not: { $gt: 0 } } }, ['text', 'upper', 'yes', 'no', 'date', 'null', 'none']],
    ],
  ),

  'null is what is null or missing': finding(
    {
      none: {},
      null: { a: null },
      number: { a: 4 },
      empty: { a: {} },
      'b-null': { a: { b: null } },
      'b-text': { a: { b: 'hi' } },
      date: { a: now },
      'empty-list': { a: [] },
      'list-in-list': { a: [[]] },
      nulls: { a: [null, null] },
      values: { a: [1, 'x'] },
      'some-null': { a: [{ b: null }, { b: 3 }] },
      'some-missing': { a: [{ b: 3 }, {}] },
      'none-null': { a: [{ b: 1 }, { b: 'x' }] },
    },
    [
      [{ a: null }, ['none', 'null', 'nulls']],
      [{ a: { $in: [null, 4] } }, ['none', 'null', 'nulls', 'number']],
      [{ 'a.b': null }, ['none', 'null', 'number', 'empty', 'b-null', 'date', 'some-null', 'some-missing']],
      [{ 'a.b': { $ne: null } }, ['b-text', 'empty-list', 'list-in-list', 'nulls', 'values', 'none-null']],
      [{ a: { $exists: false } }, ['none']],
      [{ 'a.b': { $exists: true } }, ['b-null', 'b-text', 'some-null', 'some-missing', 'none-null']],
      [{ a: { $exists: true, $eq: null } }, ['null', 'nulls']],
      [
        { 'a.b.c': null, a: { $exists: true } },
        ['null', 'number', 'empty', 'b-null', 'b-text', 'date', 'some-null', 'some-missing', 'none-null'],
      ],
    ],
  ),

  'arrays are asked for their length, for all of several, and for one element that is all of it': finding(
    {
      empty: { a: [] },
      one: { a: [1] },
      two: { a: [1, 5] },
      number: { a: 1 },
      nested: { a: [[1, 2]] },
      documents: {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 2 },
        ],
      },
      mixed: { a: [3, { b: 1, c: 2 }, null] },
    },
    [
      [{ a: { $size: 0 } }, ['empty']],
      [{ a: { $size: 1 } }, ['one', 'nested']],
      [{ a: { $all: [1] } }, ['one', 'two', 'number']],
      [{ a: { $all: [5, 1] } }, ['two']],
      [{ a: { $all: [] } }, []],
      [{ a: { $all: [[1, 2]] } }, ['nested']],
      [{ a: { $gt: 1, $lt: 5 } }, ['two', 'mixed']],
      [{ a: { $elemMatch: { $gt: 1, $lt: 5 } } }, ['mixed']],
      [{ a: { $elemMatch: { b: 1, c: 2 } } }, ['mixed']],
      [{ 'a.b': 1, 'a.c': 2 }, ['documents', 'mixed']],
      [{ a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } }, ['documents']],
      [{ a: { $not: { $elemMatch: { b: { $gt: 0 } } } } }, ['empty', 'one', 'two', 'number', 'nested']],
      [{ a: { $elemMatch: { $or: [{ b: 2 }, { c: 2 }] } } }, ['documents', 'mixed']],
    ],
  ),

  'filters are combined': finding({ a: { n: 1, t: 'x' }, b: { n: 2, t: 'x' }, c: { n: 3 } }, [
    [{ n: { $gt: 1 }, t: 'x' }, ['b']],
    [{ $or: [{ n: 1 }, { t: { $exists: false } }] }, ['a', 'c']],
    [{ $nor: [{ n: 1 }, { t: { $exists: false } }] }, ['b']],
    [{ $and: [{ n: { $lt: 3 } }, { $or: [{ n: 2 }, { t: 'y' }] }] }, ['b']],
    [{ _id: { $in: ['a', 'c', 'd'] } }, ['a', 'c']],
    [{ _id: { $gt: 'a' }, n: { $ne: 3 } }, ['b']],
    [{ $nor: [{ _id: 'a' }] }, ['b', 'c']],
  ]),

  'regular expressions say the same everywhere': finding(
    {
      ab: { a: 'ab' },
      upper: { a: 'AB' },
      dot: { a: 'a.b' },
      lines: { a: 'x\nab' },
      list: { a: ['q', 'ab!'] },
      number: { a: 1 },
      digits: { a: '12é' },
    },
    [
      [{ a: /^ab/ }, ['ab', 'list']],
      [{ a: { $regex: '^ab$', $options: 'i' } }, ['ab', 'upper']],
      [{ a: /a\.b/ }, ['dot']],
      [{ a: /a.b/ }, ['dot']],
      [{ a: /x.ab/ }, []],
      [{ a: /^[^a]/ }, ['lines', 'list', 'digits', 'upper']],
      [{ a: /^\d{2}\D$/ }, ['digits']],
      [{ a: /^(?:a|q)[b-c]?$/ }, ['ab', 'list']],
      [{ a: { $not: /a/i } }, ['number', 'digits']],
    ],
  ),

  'names and values are never read as anything else': finding(
    { quoted: { "it's": { 'a "name"': "x'; --" } }, dollar: { a: '$b' }, path: { 'strict $': 1, '*': 2, '[0]': 3 } },
    [
      [{ 'it\'s.a "name"': "x'; --" }, ['quoted']],
      [{ "it's": { 'a "name"': "x'; --" } }, ['quoted']],
      [{ a: '$b' }, ['dollar']],
      [{ '*': 2 }, ['path']],
      [{ '[0]': { $gte: 3 } }, ['path']],
      [{ '*': { $exists: true } }, ['path']],
      [{ '**': { $exists: true } }, []],
      [{ 'strict $': { $in: [1, 2] } }, ['path']],
    ],
  ),
};
