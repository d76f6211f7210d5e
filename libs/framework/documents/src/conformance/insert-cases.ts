import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import type { Cases } from './conformance.ts';

/** What whoever inserts can rely on. */
export const insertCases: Cases = {
  'a document is given back as it was inserted, with an id and the defaults of its schema': async ({ people }) => {
    const born = new Date('1990-05-06T07:08:09.010Z');
    const ann = { name: 'Ann', born, address: { city: 'Bern', zip: null }, pets: [{ name: 'Rex', age: 1.5 }] };
    const inserted = await people.insertOne(ann);
    deepEqual(inserted, { ...ann, _id: inserted._id, active: true, tags: [] });
    match(inserted._id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    deepEqual(await people.findOne({ _id: inserted._id }), inserted);
    equal(await people.findOne({ _id: 'other' }), undefined);
  },

  'ids that are made sort by the time at which they were': async ({ anything }) => {
    const first = await anything.insertOne({});
    await new Promise((resolve) => setTimeout(resolve, 3));
    const second = await anything.insertOne({});
    ok(first._id < second._id);
  },

  'values of all kinds come back as they were': async ({ anything }) => {
    const given = {
      _id: 'all',
      null: null,
      true: true,
      false: false,
      numbers: [0, -1, 1.5, 1e21, 5e-324, 2 ** 53, 0.1],
      texts: ['', 'é', '\u{1F600}', '"\\\n\t', "'; DROP TABLE x; --", '$1', '{}'],
      date: new Date(0),
      dates: [new Date('0000-01-01T00:00:00.000Z'), new Date('9999-12-31T23:59:59.999Z')],
      empty: { array: [], document: {} },
      nested: { a: [[1, [2]], { b: { 'c d': 'e' } }] },
      'a name "with" \'quotes\'': 1,
    };
    await anything.insertOne(given);
    deepEqual(await anything.findOne({ _id: 'all' }), given);
  },

  'what is undefined is left out, and -0 is 0': async ({ anything }) => {
    deepEqual(await anything.insertOne({ _id: 'x', gone: undefined, deep: { gone: undefined, zero: -0 } }), {
      _id: 'x',
      deep: { zero: 0 },
    });
    deepEqual(await anything.findOne({ gone: { $exists: false } }), { _id: 'x', deep: { zero: 0 } });
  },

  'a document that its schema does not let through is not stored, and it is said where it is wrong': async ({
    people,
  }) => {
    const wrong = { name: 'Ann', age: -1, pets: [{ name: 5 }] } as never;
    await rejects(
      people.insertOne(wrong),
      (error: { code: string; reason: string; details: { violations: object[] } }) => {
        equal(error.code, 'invalid_argument');
        equal(error.reason, 'DOCUMENT_INVALID');
        deepEqual(
          error.details.violations.map((violation) => (violation as { pointer: string }).pointer),
          ['/age', '/pets/0/name'],
        );
        return true;
      },
    );
    equal(await people.countDocuments(), 0);
  },

  'what no database stores alike is refused, and it is said where': async ({ anything }) => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const odd: unknown[] = [
      ...[Number.NaN, Infinity, 1n, undefined, Symbol('s'), () => 1, new Map(), new Date(Number.NaN), /x/],
      ...[new Uint8Array(1), '\0', '\uD800', { $set: 1 }, { 'a.b': 1 }, { '': 1 }, new Date('+010000-01-01'), circular],
    ];
    for (const value of odd) {
      await rejects(anything.insertOne({ list: [value] }), { code: 'invalid_argument', reason: 'DOCUMENT_INVALID' });
    }
    await rejects(anything.insertOne({ _id: 5 }), { reason: 'DOCUMENT_INVALID' });
    equal(await anything.countDocuments(), 0);
  },

  'a second document with the same id is refused': async ({ anything }) => {
    await anything.insertOne({ _id: 'x' });
    await rejects(anything.insertOne({ _id: 'x' }), {
      code: 'already_exists',
      reason: 'DUPLICATE_KEY',
      details: { collection: anything.name, index: '_id_' },
    });
  },

  'a second document with the same unique key is refused, and those without it are not compared': async (world) => {
    const { people, emailIndex } = world;
    await people.insertOne({ name: 'Ann', email: 'a@example.org' });
    const refused = {
      code: 'already_exists',
      reason: 'DUPLICATE_KEY',
      details: { collection: people.name, index: emailIndex },
    };
    await rejects(people.insertOne({ name: 'Bob', email: 'a@example.org' }), refused);
    const { _id } = await people.insertOne({ name: 'Bob' });
    await people.insertOne({ name: 'Cid' });
    await rejects(people.updateOne({ _id }, { $set: { email: 'a@example.org' } }), refused);
    equal(await people.countDocuments(), 3);
  },

  'an index that is made when it is needed holds from then on, and may be made again': async ({ people }) => {
    await people.insertMany([{ name: 'Ann' }, { name: 'Bob' }]);
    const name = await people.createIndex({ name: 1 }, { unique: true });
    equal(await people.createIndex({ name: 1 }, { unique: true }), name);
    await people.createIndex({ tags: 1 });
    await rejects(people.insertOne({ name: 'Ann' }), {
      reason: 'DUPLICATE_KEY',
      details: { collection: people.name, index: name },
    });
  },

  'a document larger than 16 MiB is refused': async ({ anything }) => {
    const text = 'x'.repeat(4 * 1024 * 1024);
    await rejects(anything.insertOne({ list: [text, text, text, text] }), {
      code: 'invalid_argument',
      reason: 'DOCUMENT_TOO_LARGE',
    });
    await anything.insertOne({ _id: 'x', list: [text, text, text] });
    await rejects(anything.updateOne({ _id: 'x' }, { $push: { list: text } }), { reason: 'DOCUMENT_TOO_LARGE' });
    equal(await anything.countDocuments({ list: { $size: 3 } }), 1);
  },
};
