import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { createCall, runInCall } from '@org/context';
import { createRotatingSecret, type Credentials } from '@org/config';
import {
  createCertificateAuthority,
  freePort,
  hasOpenssl,
  postgresRequirement,
  skipUnless,
  startPostgres,
  temporaryDirectory,
  type PostgresServer,
} from '@org/testing';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { open, withClient } from '../test-fixtures/databases.ts';

const user = { username: 'orders', password: 'the-password' };

describe('a server that asks for a password', () => {
  let server: PostgresServer | undefined;
  let url: URL;
  beforeAll(async () => {
    server = await startPostgres({ user, configuration: 'max_connections = 8\nsuperuser_reserved_connections = 1' });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  beforeEach((context) => {
    skipUnless(context, server !== undefined, postgresRequirement);
    url = new URL(server.url);
  });

  test('lets in whom the URL names, and prefers the credentials', async () => {
    await using named = await open(url.href);
    expect((await named.execute(sql`SELECT 1 AS one`)).rows).toEqual([{ one: 1 }]);
    url.username = 'somebody';
    url.password = 'else';
    const { secret: credentials } = createRotatingSecret<Credentials>(user);
    await using database = await open(url.href, { settings: { credentials } });
    expect((await database.execute(sql`SELECT current_user::text AS name`)).rows).toEqual([{ name: 'orders' }]);
  });

  test.each([
    [
      'a wrong password',
      { password: 'wrong-secret' },
      'unauthenticated',
      'DATABASE_LOGIN_REFUSED',
      'Set DATABASE_CREDENTIALS',
    ],
    ['no password', { password: '' }, 'unauthenticated', 'DATABASE_LOGIN_REFUSED', 'Set DATABASE_CREDENTIALS'],
    ['no such database', { pathname: 'nowhere' }, 'failed_precondition', 'DATABASE_MISSING', 'Create it'],
    ['no TLS', { search: '?sslmode=require' }, 'failed_precondition', 'DATABASE_TLS_REFUSED', 'sslmode'],
  ])('is told of with %s', async (_, changes, code, reason, remedy) => {
    const error = await open(Object.assign(url, changes).href).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, reason });
    const { message } = error as Error;
    expect(message).toContain(`Cannot open the database at postgres://orders@127.0.0.1:${url.port}/`);
    expect(message).toContain(remedy);
    expect(JSON.stringify(error)).not.toMatch(/the-password|wrong-secret/);
  });

  test('is asked with other credentials once they have changed', async () => {
    const rotating = createRotatingSecret<Credentials>(user);
    const settings = { credentials: rotating.secret, poolLifetimeMs: 1_000 };
    await using database = await open(url.href, { settings });
    const whoAmI = async () => (await database.execute(sql`SELECT current_user::text AS name`)).rows[0];
    expect(await whoAmI()).toEqual({ name: 'orders' });
    await withClient(url.href, (client) => client.query("CREATE ROLE successor LOGIN PASSWORD 'other'"));
    rotating.rotate({ username: 'successor', password: 'other' });
    await expect.poll(whoAmI, { timeout: 10_000 }).toEqual({ name: 'successor' });
  });

  test('that has no more room refuses, and nothing was done', async () => {
    await using first = await open(url.href, { environment: { DATABASE_POOL_SIZE: '20' } });
    const sleeps = Array.from({ length: 10 }, () => first.execute(sql`SELECT pg_sleep(2)`).execute());
    const outcomes = await Promise.allSettled(sleeps);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'unavailable', reason: 'DATABASE_UNAVAILABLE', details: { applied: 'no' } });
    }
  });
});

test('where nothing answers, the start waits for so long and says what to do', async () => {
  const url = `postgres://orders:secret@127.0.0.1:${await freePort()}/orders`;
  const started = performance.now();
  const error = await open(url, { environment: { DATABASE_CONNECT_TIMEOUT: '600ms' } }).catch(
    (thrown: unknown) => thrown,
  );
  expect(performance.now() - started).toBeGreaterThan(500);
  expect(error).toMatchObject({ code: 'unavailable', reason: 'DATABASE_UNAVAILABLE' });
  expect((error as Error).message).toMatch(
    /^Cannot open the database at postgres:\/\/orders@127.0.0.1:\d+\/orders: nothing answers there \(ECONNREFUSED\). Set DATABASE_URL, or /,
  );
});

test('over TLS, only whom a certificate names is trusted', async (context) => {
  skipUnless(context, await hasOpenssl(), { what: 'openssl', get: 'apt-get install openssl' });
  await using folder = await temporaryDirectory();
  const authority = await createCertificateAuthority(folder.path);
  const tls = await authority.issue({ names: ['localhost'] });
  await using server = await startPostgres({ tls });
  skipUnless(context, server !== undefined, postgresRequirement);
  const ca = join(folder.path, 'trusted.pem');
  await writeFile(ca, authority.certificate);
  const at = (host: string, parameters: string) => `postgres://postgres@${host}:${server.port}/postgres?${parameters}`;
  const encrypted = async (url: string) => {
    await using database = await open(url);
    const { rows } = await database.execute(sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`);
    return rows[0]?.ssl;
  };
  expect(await encrypted(at('localhost', `sslmode=verify-full&sslrootcert=${ca}`))).toBe(true);
  expect(await encrypted(at('127.0.0.1', `sslmode=verify-ca&sslrootcert=${ca}`))).toBe(true);
  expect(await encrypted(at('127.0.0.1', 'sslmode=require'))).toBe(true);
  expect(await encrypted(at('127.0.0.1', 'sslmode=disable'))).toBe(false);
  for (const refused of [
    at('127.0.0.1', `sslmode=verify-full&sslrootcert=${ca}`),
    at('localhost', 'sslmode=verify-full'),
  ]) {
    await expect(open(refused)).rejects.toMatchObject({ code: 'failed_precondition', reason: 'DATABASE_TLS_REFUSED' });
  }
  // What was given up is cancelled over TLS as well.
  await using database = await open(at('127.0.0.1', 'sslmode=require'));
  using call = createCall({ timeoutMs: 200 });
  const sleeping = runInCall(call, async () => database.execute(sql`SELECT pg_sleep(60)`));
  await expect(sleeping).rejects.toMatchObject({ code: 'deadline_exceeded' });
  const asleep = sql`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'`;
  await expect.poll(async () => (await database.execute(asleep)).rows, { timeout: 5_000 }).toEqual([]);
}, 60_000);

test('a server that takes connections and says nothing is one that does not answer', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const url = `postgres://orders@127.0.0.1:${port}/orders`;
    const opening = open(url, { environment: { DATABASE_CONNECT_TIMEOUT: '300ms' } });
    await expect(opening).rejects.toMatchObject({
      code: 'unavailable',
      reason: 'DATABASE_UNAVAILABLE',
      message: expect.stringMatching(/nothing answers there\. Set DATABASE_URL/),
    });
  } finally {
    server.close();
  }
});
