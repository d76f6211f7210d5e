import { collectLogger, waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { settingsOf } from '../test-fixtures/set-up.ts';
import { createWorld, failureOf, service } from '../test-fixtures/world.ts';
import { openVault, vaultSettingsOf } from './index.ts';

const address = { VAULT_ADDR: 'https://vault:8200' };

describe('settings', () => {
  test('need nothing as long as nobody refers to Vault', () => {
    expect(settingsOf({})).toMatchObject({ auth: 'token', timeoutMs: 5_000, address: undefined });
  });

  test.for([
    [address, 'expected VAULT_TOKEN, VAULT_TOKEN_PATH or another VAULT_AUTH, since VAULT_ADDR is set'],
    [{ VAULT_AUTH: 'approle' }, 'expected VAULT_ROLE_ID to be set, since VAULT_AUTH is `approle`'],
    [{ VAULT_AUTH: 'kubernetes' }, 'expected VAULT_ROLE to be set, since VAULT_AUTH is `kubernetes`'],
    [{ VAULT_AUTH: 'jwt', VAULT_ROLE: 'x' }, 'expected VAULT_JWT_PATH to be set, since VAULT_AUTH is `jwt`'],
    [{ VAULT_TOKEN: 'hunter2', VAULT_TOKEN_PATH: '/x' }, 'expected one of VAULT_TOKEN and VAULT_TOKEN_PATH, got both'],
    [{ VAULT_SECRET_ID: 'hunter2', VAULT_SECRET_ID_PATH: '/x' }, 'expected one of VAULT_SECRET_ID and'],
    [{ ...address, VAULT_TOKEN: 'x', VAULT_NODES: 'http://vault-1' }, 'expected VAULT_NODES to begin with https://'],
  ])('that contradict each other are told of together: %j', ([environment, fault]) => {
    expect(() => settingsOf(environment as Record<string, string>)).toThrow(fault);
    expect(() => settingsOf(environment as Record<string, string>)).not.toThrow('hunter2');
  });

  test('without an address say so when somebody refers to Vault', async () => {
    const opening = openVault(settingsOf({}), { logger: collectLogger(), service });
    expect(await failureOf(opening)).toMatchObject({ code: 'failed_precondition', reason: 'VAULT_ADDRESS_MISSING' });
  });

  test('of the store are found among those of a service', () => {
    const settings = settingsOf({});
    expect(vaultSettingsOf({ rest: {}, 'secrets-vault': settings })).toBe(settings);
    expect(() => vaultSettingsOf({ rest: {} })).toThrow('Expected the service to have `vault` in its `secrets`');
  });
});

describe('references', () => {
  test.for([
    'vault:kv',
    'vault:kv//a',
    'vault:kv/../a',
    'vault:sys/health',
    'vault:auth/token/lookup-self#id',
    'vault:kv/a?version=0',
  ])('such as %s are refused without asking', async (reference) => {
    await using world = await createWorld();
    const store = await world.openStore();
    const before = world.double.requests.length;
    expect(await failureOf(world.read(store, reference))).toMatchObject({
      code: 'invalid_argument',
      reason: 'SECRET_REFERENCE_INVALID',
    });
    expect(world.double.requests.length).toBe(before);
  });

  test('may name a version, and values that are no texts', async () => {
    await using world = await createWorld();
    const data = { port: 5432, tls: true, hosts: ['a', 'b'], none: null };
    await world.ask('POST', `${world.made.kv}/data/database`, { data });
    const store = await world.openStore();
    const at = (rest: string) =>
      world.read(store, `vault:${world.made.kv}/database${rest}`).then((found) => found.reveal());
    expect(await at('?version=1#password')).toBe('hunter2');
    expect(await at('')).toEqual({ port: '5432', tls: 'true', hosts: '["a","b"]' });
  });

  test('to passwords that Vault rotates are read again when they do', async () => {
    await using world = await createWorld();
    await world.ask('POST', 'sys/mounts/database', { type: 'database' });
    await world.made.grant({ 'database/static-creds/orders': ['read'] });
    const answer = (password: string, ttl: number) => JSON.stringify({ data: { username: 'orders', password, ttl } });
    const path = /^database/;
    world.double.fail({ kind: 'answer', status: 200, text: answer('one', 60) }, { path });
    const store = await world.openStore();
    const password = await world.read(store, 'vault:database/static-creds/orders#password');
    expect(password.reveal()).toBe('one');
    world.double.fail({ kind: 'answer', status: 200, text: answer('two', 3_600) }, { path });
    await world.clock.advance(60_000);
    await waitFor(() => password.reveal() === 'two', { what: 'the next password' });
  });
});
