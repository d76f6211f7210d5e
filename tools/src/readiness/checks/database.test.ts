import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@org/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parcelDescription, parcelProject } from '../../../test/parcel-service.ts';
import type { Subject } from '../subject.ts';
import { database, emptyDatabase } from './database.ts';
import { metrics } from './metrics.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

const write = (file: string, text: string) => {
  mkdirSync(dirname(join(directory.path, file)), { recursive: true });
  writeFileSync(join(directory.path, file), text);
};
/** A bundle that is asked in production whether it would start. */
const ship = (code: number, says = '') =>
  write('dist/main.js', `console.error(${JSON.stringify(says)}); process.exit(process.env.NODE_ENV ? ${code} : 3);`);

function parcels(observed: Partial<Subject['observation']> = {}): Subject {
  const shown = { checks: { database: { kind: 'datastore', status: 'ok' } }, migrations: ['0001_parcels'] };
  const { settings, ...description } = parcelDescription();
  const pool = { expected: 'a number', description: 'How many.', requiredInProduction: false, secret: false };
  const variables = [{ name: 'DATABASE_POOL_SIZE', default: '10', ...pool }];
  return {
    workspaceRoot: directory.path,
    folder: directory.path,
    project: parcelProject,
    projects: [],
    description: { ...description, settings: { fragments: [...settings.fragments, { name: 'pool', variables }] } },
    observation: { probes: {}, metrics: '', openapi: undefined, ...shown, ...observed },
  };
}

beforeEach(() => {
  ship(78, '  DATABASE_URL: expected a URL, got nothing');
  write('deploy/overlays/production/settings.env', '# DATABASE_URL=\n');
});

describe('the row of the database', () => {
  test('says what made its tables, what watches it, and how many connections it takes', () => {
    expect(database(parcels())).toEqual({
      name: 'database',
      state: 'ok',
      evidence:
        '1 migration made its tables; readiness has the check `database`; 10 connections for each replica, and one for the check',
    });
  });

  test('is not there for a service without one, nor for one with another kind of store', () => {
    for (const connections of [[], [{ kind: 'datastore', variable: 'DOCUMENTS_URL', ports: { 'mongodb:': 27017 } }]]) {
      const subject = parcels();
      expect(database({ ...subject, description: { ...subject.description, connections } })).toBeUndefined();
    }
  });

  test('finds that an operator has no way to its migrations', () => {
    const subject = parcels();
    expect(database({ ...subject, description: { ...subject.description, commands: [] } })).toMatchObject({
      state: 'gap',
      evidence: 'it has no sub-command migration: name it in `commands` of apps/parcel-service/src/main.ts',
    });
  });

  test.each([
    [0, ''],
    [78, '  OTHER_DATABASE_URLS: expected a URL, got nothing'],
  ])('finds that production takes what is embedded: exit code %i, %j', (code, says) => {
    ship(code, says);
    expect(database(parcels())).toMatchObject({
      state: 'gap',
      evidence: 'production starts without DATABASE_URL, with the database that is embedded',
    });
  });

  test('finds one that is deployed embedded, but for a developer’s machine', () => {
    write('deploy/overlays/local/settings.env', 'DATABASE_URL=pglite:memory\n');
    expect(database(parcels())).toMatchObject({ state: 'ok' });
    write('deploy/overlays/production/settings.env', 'DATABASE_URL=pglite:/data\n');
    expect(database(parcels())).toMatchObject({
      state: 'gap',
      evidence: 'DATABASE_URL is embedded, in each pod by itself: deploy/overlays/production/settings.env',
    });
  });

  test.each([
    ['a check', { checks: { broker: { kind: 'messaging', status: 'ok' } } }, 'readiness has no check of it'],
    ['a check that passes', { checks: { db: { kind: 'datastore', status: 'failed' } } }, 'the check `db` is failed'],
    ['migrations', { migrations: [] }, 'the start applied no migration to an empty database'],
  ])('finds that it has not %s', (_, observed, evidence) => {
    expect(database(parcels(observed))).toMatchObject({ state: 'gap', evidence: expect.stringContaining(evidence) });
  });

  test('claims nothing of a service that did not start', () => {
    expect(database(parcels({ failure: 'it ended' }))).toMatchObject({
      state: 'unknown',
      mend: 'npx nx serve parcel-service',
    });
  });
});

test('the row of metrics wants the pool of a database', () => {
  const requests = '# TYPE http_server_request_duration_seconds histogram\n';
  expect(metrics(parcels({ metrics: requests }))).toMatchObject({
    state: 'gap',
    evidence: '/metrics has no db_client_connections',
  });
  const both = `${requests}# TYPE db_client_connections gauge\n`;
  expect(metrics(parcels({ metrics: both }))).toMatchObject({ state: 'ok' });
});

test('a service is looked at over an empty database, by whichever variable names it', () => {
  expect(emptyDatabase(parcels().description.connections)).toEqual({ DATABASE_URL: 'pglite:memory' });
  expect(emptyDatabase([])).toEqual({});
});
