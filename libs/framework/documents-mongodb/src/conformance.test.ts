import { documentsConformance } from '@org/documents/conformance';
import { skipUnless, type Requirement } from '@org/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { dropCollections } from '../test-fixtures/drop-collections.ts';
import { startMongoDouble, type MongoDouble } from '../test-fixtures/mongo-double.ts';
import { open } from '../test-fixtures/open.ts';

/** What mingo, which is behind the double, answers otherwise than MongoDB's documentation and its own tests have it. */
const mingoDiffers = [
  'a value is found where it stands, and in arrays',
  'comparisons are within a type',
  'null is what is null or missing',
  'arrays are asked for their length, for all of several, and for one element that is all of it',
  'documents are sorted by the types of their values first',
  'what is missing is sorted as null, and an array by its least or greatest',
  'embedded documents are taken out of arrays by what they hold',
];

describe('over a double of MongoDB', () => {
  let double: MongoDouble;
  beforeAll(async () => {
    double = await startMongoDouble();
  });
  afterAll(() => double[Symbol.asyncDispose]());
  for (const { name, run } of documentsConformance({ open: (collections) => open(double.url, { collections }) })) {
    test.skipIf(mingoDiffers.includes(name))(name, run, 60_000);
  }
});

const requirement: Requirement = {
  what: 'a MongoDB server',
  get: 'set TEST_MONGODB_URL to one with a database for tests: mongodb://localhost/tests',
  obtainable: false,
};

describe('over MongoDB', () => {
  const url = process.env.TEST_MONGODB_URL;
  const made: string[] = [];
  afterAll(async () => {
    if (url) await dropCollections(url, made);
  });
  const cases = documentsConformance({
    open(collections) {
      made.push(...collections.map(({ name }) => name));
      return open(url as string, { collections });
    },
  });
  for (const { name, run } of cases) {
    test(name, async (context) => {
      skipUnless(context, url !== undefined, requirement);
      await run();
    });
  }
});
