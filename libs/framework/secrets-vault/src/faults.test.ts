import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificateAuthority, hasOpenssl, skipUnless, temporaryDirectory } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { setUp } from '../test-fixtures/set-up.ts';
import { createWorld, failureOf } from '../test-fixtures/world.ts';

const openssl = { what: 'OpenSSL 3', get: 'apt-get install openssl' };

describe('a Vault that does not do its work', () => {
  test.for([
    ['sealed', { kind: 'sealed' }, 'it is sealed. Unseal it'],
    ['a standby without an active node', { kind: 'standby' }, 'no node of it is active'],
    ['broken', { kind: 'answer', status: 500, errors: ['internal error'] }, 'does not work now (500, internal error)'],
    ['behind a proxy that is', { kind: 'answer', status: 502, text: '<html>' }, 'does not work now (502, status 502)'],
    [
      'behind others',
      { kind: 'answer', status: 412, errors: ['required index state not present'] },
      '(412, required index',
    ],
  ] as const)('because it is %s says so, and works again after it', async ([, fault, why]) => {
    await using world = await createWorld();
    const store = await world.openVault();
    const path = `${world.made.kv}/database`;
    world.double.fail(fault);
    expect((await failureOf(store.read(path))).message).toMatch(
      /^Cannot log in at http:\/\/localhost:\d+ as the AppRole/,
    );
    await world.double.recover();
    expect((await store.read(path)).data.password).toBe('hunter2');
    world.double.fail(fault);
    const failure = await failureOf(store.read(path));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'SECRET_STORE_UNAVAILABLE' });
    expect(failure.message).toMatch(/^Cannot read `kv-/);
    expect(failure.message).toContain(why);
  });

  test('because an engine of it is being upgraded may do so soon', async () => {
    await using world = await createWorld();
    const store = await world.openVault();
    const errors = [
      'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period.',
    ];
    world.double.fail({ kind: 'answer', status: 400, errors }, { path: /^kv/ });
    const failure = await failureOf(store.read(`${world.made.kv}/database`));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'SECRET_STORE_UNAVAILABLE' });
  });
});

describe('health', () => {
  test('is good while Vault works, also at a standby, and not when it is sealed, away or refuses this service', async () => {
    await using world = await createWorld();
    const store = await world.openVault();
    const check = () => store.check(AbortSignal.timeout(10_000));
    await check();
    world.double.fail({ kind: 'standby', active: 'http://other:8200' });
    await check();
    world.double.fail({ kind: 'sealed' });
    expect(await failureOf(check())).toMatchObject({ code: 'unavailable', message: expect.stringContaining('sealed') });
    await world.double.down();
    expect(await failureOf(check())).toMatchObject({ reason: 'SECRET_STORE_UNAVAILABLE' });
    await world.double.recover();
    const refused = await world.openVault({ VAULT_SECRET_ID: 'other' });
    await failureOf(refused.read(`${world.made.kv}/database`));
    expect(await failureOf(refused.check(AbortSignal.timeout(10_000)))).toMatchObject({
      reason: 'SECRET_LOGIN_REFUSED',
    });
  });
});

describe('a secret', () => {
  test('that was deleted or destroyed is told apart from one that never was', async () => {
    await using world = await createWorld();
    const { kv } = world.made;
    const store = await world.openVault();
    const missing = async (path: string) => {
      const failure = await failureOf(store.read(path));
      expect(failure).toMatchObject({ code: 'not_found', reason: 'SECRET_MISSING' });
      return failure.message;
    };
    await world.ask('DELETE', `${kv}/data/database`);
    expect(await missing(`${kv}/database`)).toContain('its version 1 was deleted. Undelete it');
    await world.ask('POST', `${kv}/destroy/database`, { versions: [1] });
    expect(await missing(`${kv}/database`)).toContain('its version 1 was destroyed');
    expect(await missing(`${kv}/nowhere`)).toContain('there is nothing (status 404). Write it, or name another path');
    expect(await missing(`${kv}/data/nowhere`)).toContain('Leave `data/` out of the path');
  });

  test('without the key that is asked for says which keys are not there', async () => {
    await using world = await createWorld();
    const store = await world.openStore();
    const failure = await failureOf(world.read(store, `vault:${world.made.kv}/database#passwort`));
    expect(failure).toMatchObject({ code: 'not_found', reason: 'SECRET_KEY_MISSING' });
    expect(failure.message).toContain('it has no `passwort`');
  });

  test('that a policy does not grant, and an engine that is not there, are refused', async () => {
    await using world = await createWorld();
    await world.made.grant({ [`${world.made.kv}/data/other`]: ['read'] });
    const store = await world.openVault();
    const denied = { code: 'permission_denied', reason: 'SECRET_DENIED' };
    const refused = await failureOf(store.read(`${world.made.kv}/database`));
    expect(refused).toMatchObject({
      ...denied,
      message: expect.stringContaining('this service may not (permission denied)'),
    });
    const nowhere = await failureOf(store.read('nowhere/database'));
    expect(nowhere).toMatchObject({
      ...denied,
      message: expect.stringContaining('there is none, or this service may do nothing in it'),
    });
  });

  test('in an engine that was upgraded meanwhile is found again', async () => {
    await using world = await createWorld();
    const { kvOne } = world.made;
    await world.ask('POST', `${kvOne}/database`, { password: 'one' });
    const store = await world.openVault();
    expect(await store.read(`${kvOne}/database`)).toEqual({ data: { password: 'one' } });
    await world.ask('DELETE', `sys/mounts/${kvOne}`);
    await world.ask('POST', `sys/mounts/${kvOne}`, { type: 'kv', options: { version: '2' } });
    await world.ask('POST', `${kvOne}/data/database`, { data: { password: 'two' } });
    // It is asked as it was, and learns from the answer.
    expect(await failureOf(store.read(`${kvOne}/database`))).toMatchObject({ reason: 'SECRET_MISSING' });
    expect(await store.read(`${kvOne}/database`)).toEqual({ data: { password: 'two' }, version: 1 });
  });
});

test('a namespace holds for all that is asked', async () => {
  await using world = await createWorld();
  await world.ask('POST', 'sys/namespaces/team', {});
  await using inside = await setUp({ ...world.made.root, namespace: 'team' });
  const store = await world.openVault(inside.environment);
  const before = world.double.requests.length;
  expect(await store.write(`${inside.kv}/database`, { password: 'inside' })).toBe(1);
  expect((await store.read(`${inside.kv}/database`)).data.password).toBe('inside');
  const asked = world.double.requests.slice(before);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.every(({ namespace }) => namespace === 'team')).toBe(true);
  const elsewhere = await world.openVault({ ...inside.environment, VAULT_NAMESPACE: 'other' });
  expect(await failureOf(elsewhere.read(`${inside.kv}/database`))).toMatchObject({
    reason: 'SECRET_LOGIN_REFUSED',
    message: expect.stringContaining('namespace not found'),
  });
});

describe('over TLS', () => {
  test('a private authority is trusted when it is named, and nobody else is', async (context) => {
    skipUnless(context, await hasOpenssl(), openssl);
    await using directory = await temporaryDirectory();
    const authority = await createCertificateAuthority(directory.path);
    const file = join(directory.path, 'ca.pem');
    await writeFile(file, authority.certificate);
    await using world = await createWorld({ tls: await authority.issue(), authority: authority.certificate });
    const path = `${world.made.kv}/database`;
    const trusting = await world.openVault({ VAULT_CACERT: file });
    expect((await trusting.read(path)).data.password).toBe('hunter2');
    const failure = await failureOf((await world.openVault()).read(path));
    expect(failure).toMatchObject({ code: 'failed_precondition', reason: 'VAULT_TLS_MISMATCH' });
    expect(failure.message).toMatch(/TLS does not fit \((SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)\).*VAULT_CACERT/);
    const named = { VAULT_CACERT: file, VAULT_TLS_SERVER_NAME: 'vault.test' };
    expect(await failureOf((await world.openVault(named)).read(path))).toMatchObject({
      reason: 'VAULT_TLS_MISMATCH',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
  });

  test('a file without certificates is told of at once', async () => {
    await using world = await createWorld();
    const unusable = { reason: 'VAULT_FILE_UNUSABLE', code: 'failed_precondition' };
    expect(await failureOf(world.openVault({ VAULT_CACERT: '/nowhere' }))).toMatchObject(unusable);
    expect(await failureOf(world.openVault({ VAULT_CACERT: import.meta.filename }))).toMatchObject({
      ...unusable,
      message: expect.stringContaining('holds no certificate in PEM'),
    });
  });
});
