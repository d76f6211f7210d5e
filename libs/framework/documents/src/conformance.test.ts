import { postgresRequirement, skipUnless } from '@org/testing';
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import { kinds, openTest, type TestDatabase } from '../test-fixtures/databases.ts';
import { documentsConformance } from './conformance/index.ts';

describe.each(kinds)('JSONB on %s', (kind) => {
  let opened: TestDatabase | undefined;
  beforeAll(async () => {
    opened = await openTest(kind);
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  beforeEach((context) => skipUnless(context, opened !== undefined, postgresRequirement));

  const open: TestDatabase['open'] = (...collections) => (opened as TestDatabase).open(...collections);
  for (const { name, run } of documentsConformance({ open: (collections) => open(...collections) }))
    test(name, run, 60_000);
});
