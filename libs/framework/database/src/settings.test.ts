import { readSettings } from '@org/config';
import { expect, test } from 'vitest';
import { databaseSettings } from './settings.ts';

const read = (environment: Record<string, string>) =>
  readSettings({ database: databaseSettings() }, { environment, service: 'orders', schemes: [] }).settings.database;

test('without variables the database is embedded, in a folder of the service', () => {
  const settings = read({});
  expect(settings?.url.reveal()).toBe('pglite:.data/orders');
  expect(settings).toMatchObject({
    migrate: 'apply',
    migrateTimeoutMs: 600_000,
    poolSize: 10,
    statementTimeoutMs: 30_000,
    credentials: undefined,
  });
});

test('in production it must be named', () => {
  expect(() => read({ NODE_ENV: 'production' })).toThrow('DATABASE_URL');
});

test.each([
  ['DATABASE_URL', 'mysql://db/orders'],
  ['DATABASE_MIGRATE', 'maybe'],
  ['DATABASE_POOL_SIZE', '0'],
  ['DATABASE_STATEMENT_TIMEOUT', '0s'],
])('%s=%s is refused', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(name);
});
