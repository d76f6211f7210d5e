import { describe, expect, test } from 'vitest';
import { createWorld, failureOf, untilLater, type World } from '../test-fixtures/world.ts';

const hour = 3_600_000;

const hasLoggedInAgain = ({ logger }: World) =>
  logger.lines.some(({ message }) => message.startsWith('Logged in again'));

describe('the token', () => {
  test('of 768 hours is renewed once in them, and not all the time', async () => {
    await using world = await createWorld({ role: { token_ttl: '768h', token_max_ttl: '0' } });
    const store = await world.openVault();
    const startedAt = world.clock.now();
    await store.read(`${world.made.kv}/database`);
    const passed = () => world.clock.now() - startedAt;
    await world.clock.advance(400 * hour);
    expect(world.count(/renew-self/)).toBe(0);
    await untilLater(world, async () => {
      await world.clock.advance(hour);
      return world.count(/renew-self/) === 1;
    });
    // Two thirds, less a part of a tenth.
    expect(passed()).toBeGreaterThan(768 * hour * 0.56);
    expect(passed()).toBeLessThan(768 * hour * 0.68);
  });

  test('is renewed for as long as it may be, and then another is had before it ends', async () => {
    await using world = await createWorld({ role: { token_ttl: '1h', token_max_ttl: '3h' } });
    const store = await world.openStore();
    await world.read(store, `vault:${world.made.kv}/database#password`);
    await untilLater(world, () => hasLoggedInAgain(world));
    expect(world.count(/renew-self/)).toBeGreaterThan(2);
    // The first is still good: what it leased may be in use.
    expect(world.double.counts.tokens).toBe(2);
    expect(world.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('that Vault does not know any more is replaced, by one login for all who find out', async () => {
    await using world = await createWorld();
    const store = await world.openVault();
    const path = `${world.made.kv}/database`;
    await store.read(path);
    const used = world.double.requests.find(({ token }) => token !== undefined && token !== world.double.rootToken);
    await world.ask('POST', 'auth/token/revoke', { token: used?.token });
    await world.clock.advance(60_000);
    const all = await Promise.all([store.read(path), store.read(path), store.read(path)]);
    expect(all.map(({ data }) => data.password)).toEqual(['hunter2', 'hunter2', 'hunter2']);
    expect(world.count(/\/login$/)).toBe(2);
  });

  test('that may not look itself up makes no other at each refusal', async () => {
    await using world = await createWorld({ role: { token_no_default_policy: true } });
    await world.made.grant({ [`${world.made.kv}/data/other`]: ['read'] });
    const store = await world.openVault();
    for (let index = 0; index < 5; index += 1) {
      const failure = await failureOf(store.read(`${world.made.kv}/database`));
      expect(failure).toMatchObject({ code: 'permission_denied', reason: 'SECRET_DENIED' });
    }
    expect(world.count(/\/login$/)).toBe(1);
  });

  test('that was made for the service is revoked with its leases when it stops, those it replaced too', async () => {
    await using world = await createWorld({ role: { token_ttl: '1h', token_max_ttl: '90m' } });
    {
      await using store = await world.openStore();
      await world.read(store, `vault:${world.made.kv}/database#password`);
      await untilLater(world, () => hasLoggedInAgain(world));
      expect(world.double.counts.tokens).toBe(2);
    }
    expect(world.double.counts.tokens).toBe(0);
  });

  test('that cannot be revoked runs out by itself: the end is not held up, and says so', async () => {
    await using world = await createWorld();
    const store = await world.openStore();
    await world.read(store, `vault:${world.made.kv}/database#password`);
    await world.double.down();
    await store[Symbol.asyncDispose]();
    expect(world.logger.lines.at(-1)?.message).toMatch(
      /^A token was not given back, and runs out by itself: Cannot revoke/,
    );
  });
});

describe('credentials that Vault makes', () => {
  const withDatabase = async (role: object, policy: Record<string, string[]> = {}) => {
    const world = await createWorld({ role });
    await world.ask('POST', 'sys/mounts/database', { type: 'database' });
    await world.ask('POST', 'database/roles/orders', { db_name: 'orders', default_ttl: '1h', max_ttl: '24h' });
    await world.made.grant({ 'database/creds/orders': ['read'], ...policy });
    return world;
  };

  test('end with the token that they were made for, and are had anew with the next one before', async () => {
    await using world = await withDatabase({ token_ttl: '1h', token_max_ttl: '2h' });
    const store = await world.openStore();
    const pair = await world.read(store, 'vault:database/creds/orders');
    const first = pair.reveal();
    await untilLater(world, () => hasLoggedInAgain(world));
    await untilLater(world, () => pair.reveal() !== first);
    expect(world.double.counts.leases).toBe(2);
  });

  test('of a token that somebody else gave are given back one by one', async () => {
    await using world = await withDatabase({}, { 'sys/leases/revoke': ['update'] });
    const { body } = await world.ask('POST', 'auth/token/create', { policies: [world.made.policy], ttl: '1h' });
    const given = { VAULT_AUTH: 'token', VAULT_TOKEN: body.auth.client_token as string };
    {
      await using store = await world.openStore(given);
      await world.read(store, 'vault:database/creds/orders');
      expect(world.double.counts.leases).toBe(1);
    }
    expect(world.double.counts).toEqual({ tokens: 1, leases: 0 });
  });

  test('of a role that is not there are told of by name', async () => {
    await using world = await withDatabase({});
    await world.made.grant({ 'database/creds/*': ['read'] });
    const store = await world.openStore();
    expect(await failureOf(world.read(store, 'vault:database/creds/nobody'))).toMatchObject({
      code: 'not_found',
      reason: 'SECRET_MISSING',
      message: expect.stringContaining('Vault has no such role (unknown role: nobody)'),
    });
  });
});
