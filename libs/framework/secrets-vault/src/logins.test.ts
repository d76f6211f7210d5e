import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { createTokenSigner } from '../test-fixtures/signed-token.ts';
import { createWorld, failureOf, untilLater, type World } from '../test-fixtures/world.ts';

const minute = 60_000;
const hour = 60 * minute;
const startAt = Date.parse('2026-01-01T00:00:00Z');

const valueAt = async (world: World, store: Awaited<ReturnType<World['openStore']>>) =>
  (await world.read(store, `vault:${world.made.kv}/database#password`)).reveal();

/** Variables that take the place of those of the AppRole. */
const none = { VAULT_ROLE_ID: '', VAULT_SECRET_ID: '', VAULT_AUTH_MOUNT: '' };

async function withServiceAccount(world: World, directory: string) {
  const signer = createTokenSigner();
  const { ask, made, clock } = world;
  await ask('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
  await ask('POST', 'auth/kubernetes/config', { pem_keys: [signer.publicKey] });
  await ask('POST', 'auth/kubernetes/role/orders', {
    bound_service_account_names: 'orders',
    bound_service_account_namespaces: 'shop',
    token_policies: made.policy,
    token_ttl: '1h',
    token_max_ttl: '90m',
  });
  const file = join(directory, 'token');
  const write = async (claims: object = {}) => {
    const now = clock.now() / 1000;
    const token = signer.sign({ sub: 'system:serviceaccount:shop:orders', iat: now, exp: now + 3_600, ...claims });
    await writeFile(file, `${token}\n`);
    return token;
  };
  const environment = { ...none, VAULT_AUTH: 'kubernetes', VAULT_ROLE: 'orders', VAULT_JWT_PATH: file };
  return { write, environment };
}

describe('by token', () => {
  test('reads with it, renews it, and never revokes it', async () => {
    await using world = await createWorld();
    const policies = [world.made.policy];
    const { body } = await world.ask('POST', 'auth/token/create', { policies, ttl: '1h', explicit_max_ttl: '24h' });
    const VAULT_TOKEN = body.auth.client_token as string;
    {
      await using store = await world.openStore({ ...none, VAULT_AUTH: 'token', VAULT_TOKEN });
      expect(await valueAt(world, store)).toBe('hunter2');
      await untilLater(world, () => world.count(/renew-self/) === 1);
      expect(world.clock.now() - startAt).toBeGreaterThan(30 * minute);
    }
    expect(world.count(/revoke-self/)).toBe(0);
    expect(world.double.counts.tokens).toBe(1);
  });

  test('says that a token cannot be prolonged, and takes the one that its file has then', async () => {
    await using world = await createWorld();
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'token');
    const write = async () => {
      const given = { policies: [world.made.policy], ttl: '1h', renewable: false };
      const { body } = await world.ask('POST', 'auth/token/create', given);
      await writeFile(file, body.auth.client_token as string);
    };
    await write();
    const store = await world.openStore({ ...none, VAULT_AUTH: 'token', VAULT_TOKEN_PATH: file });
    expect(await valueAt(world, store)).toBe('hunter2');
    const warning = /^The token at .* ends at 2026-01-01T0[01]:\d\d:.*, and nothing prolongs it/;
    await untilLater(world, () => world.logger.lines.some(({ message }) => warning.test(message)));
    await write();
    await world.ask('POST', `${world.made.kv}/data/later`, { data: { password: 'other' } });
    await world.clock.advance(20 * minute);
    const later = await world.read(store, `vault:${world.made.kv}/later#password`);
    expect(later.reveal()).toBe('other');
  });

  test('says what is wrong with one that has ended', async () => {
    await using world = await createWorld();
    const store = await world.openStore({ ...none, VAULT_AUTH: 'token', VAULT_TOKEN: 'hvs.hunter2' });
    const failure = await failureOf(valueAt(world, store));
    expect(failure).toMatchObject({ code: 'unauthenticated', reason: 'SECRET_LOGIN_REFUSED' });
    expect(failure.message).toMatch(
      /^Cannot log in at http.* by the token of VAULT_TOKEN: .*permission denied.*Give another/,
    );
    expect(failure.message).not.toContain('hunter2');
  });
});

describe('by AppRole', () => {
  test('logs in once for many readings at once', async () => {
    await using world = await createWorld();
    for (let index = 0; index < 20; index += 1) {
      await world.ask('POST', `${world.made.kv}/data/many-${index}`, { data: { password: 'x' } });
    }
    const store = await world.openStore();
    const references = Array.from({ length: 20 }, (_, index) => `vault:${world.made.kv}/many-${index}#password`);
    await Promise.all(references.map((reference) => world.read(store, reference)));
    expect(world.count(/\/login$/)).toBe(1);
  });

  test.for([
    ['a wrong role', { VAULT_ROLE_ID: 'nobody' }],
    ['a wrong secret id', { VAULT_SECRET_ID: 'hunter2' }],
    ['a method that is not mounted', { VAULT_AUTH_MOUNT: 'elsewhere' }],
  ] as const)('says what to do about %s, and does not try it all the time', async ([, environment]) => {
    await using world = await createWorld();
    const store = await world.openStore(environment);
    const failure = await failureOf(valueAt(world, store));
    expect(failure).toMatchObject({ code: 'unauthenticated', reason: 'SECRET_LOGIN_REFUSED' });
    expect(failure.message).toMatch(/as the AppRole of VAULT_ROLE_ID: .* See that VAULT_ROLE_ID/);
    expect(failure.message).not.toContain('hunter2');
    await Promise.all(Array.from({ length: 5 }, () => failureOf(valueAt(world, store))));
    expect(world.count(/\/login$/)).toBe(1);
  });

  test('reads the secret id anew from its file when the one before has ended', async () => {
    await using world = await createWorld({ role: { secret_id_ttl: '1h', token_ttl: '2h', token_max_ttl: '2h' } });
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'secret-id');
    const path = `auth/${world.made.environment.VAULT_AUTH_MOUNT}/role/orders/secret-id`;
    const write = async () => writeFile(file, (await world.ask('POST', path, {})).body.data.secret_id as string);
    await write();
    const store = await world.openStore({ VAULT_SECRET_ID: '', VAULT_SECRET_ID_PATH: file });
    expect(await valueAt(world, store)).toBe('hunter2');
    // Two thirds of the token's time: the secret id has ended by then.
    const error = /^Cannot log in .*invalid role or secret ID.* give a VAULT_SECRET_ID that has not ended/;
    await untilLater(world, () =>
      world.logger.lines.some(({ level, message }) => level === 'error' && error.test(message)),
    );
    await write();
    await untilLater(world, () => world.logger.lines.some(({ message }) => message.startsWith('Logged in again')));
  });

  test('unwraps a secret id once, and says who else may have when that fails', async () => {
    await using world = await createWorld();
    const path = `auth/${world.made.environment.VAULT_AUTH_MOUNT}/role/orders/secret-id`;
    const headers = { 'x-vault-token': world.double.rootToken, 'x-vault-wrap-ttl': '1h' };
    const answer = await fetch(`${world.double.url}/v1/${path}`, { method: 'POST', headers });
    const { wrap_info } = (await answer.json()) as { wrap_info: { token: string } };
    const wrapped = { VAULT_SECRET_ID: wrap_info.token, VAULT_SECRET_ID_WRAPPED: 'true' };
    const store = await world.openVault(wrapped);
    const at = `${world.made.kv}/database`;
    expect((await store.read(at)).data.password).toBe('hunter2');
    const used = world.double.requests.findLast(({ path: asked }) => asked.includes('database'))?.token;
    await world.ask('POST', 'auth/token/revoke', { token: used });
    await world.clock.advance(minute);
    expect((await store.read(at)).data.password).toBe('hunter2');
    expect([world.count(/\/login$/), world.count(/unwrap/)]).toEqual([2, 1]);
    const late = await world.openStore(wrapped);
    const failure = await failureOf(valueAt(world, late));
    expect(failure).toMatchObject({ code: 'unauthenticated', reason: 'SECRET_LOGIN_REFUSED' });
    expect(failure.message).toMatch(/unwrap the secret id .* was unwrapped before/);
  });
});

describe('by service account', () => {
  test('logs in where Kubernetes is mounted, and reads the file anew at each login', async () => {
    await using world = await createWorld();
    await using directory = await temporaryDirectory();
    const { write, environment } = await withServiceAccount(world, directory.path);
    const tokens = [await write()];
    const store = await world.openStore(environment);
    expect(await valueAt(world, store)).toBe('hunter2');
    // It is renewed once; then it comes near the most that it may last.
    await untilLater(world, () => world.count(/renew-self/) === 1);
    tokens.push(await write());
    await untilLater(world, () => world.count(/^auth\/kubernetes\/login$/) === 2);
    const logins = world.double.requests.filter(({ path }) => path === 'auth/kubernetes/login');
    expect(logins.map(({ body }) => body.jwt)).toEqual(tokens);
  });

  test.for([
    ['a role that is not there', {}, { VAULT_ROLE: 'nobody' }, 'invalid role name'],
    ['another service account', { sub: 'system:serviceaccount:shop:other' }, {}, 'service account name not authorized'],
    ['a clock that is ahead', { iat: 4e9, nbf: 4e9 }, {}, 'token not yet valid'],
    ['a clock that is behind', { exp: 1e9 }, {}, 'token is expired'],
  ] as const)('says what is wrong with %s', async ([, claims, environment, said]) => {
    await using world = await createWorld();
    await using directory = await temporaryDirectory();
    const account = await withServiceAccount(world, directory.path);
    await account.write(claims);
    const store = await world.openStore({ ...account.environment, ...environment });
    const failure = await failureOf(valueAt(world, store));
    expect(failure).toMatchObject({ code: 'unauthenticated', reason: 'SECRET_LOGIN_REFUSED' });
    expect(failure.message).toContain(said);
    expect(failure.message).toMatch(/bound to this service account .* clocks agree/);
  });

  test('says which file cannot be read', async () => {
    await using world = await createWorld();
    const store = await world.openStore({
      ...none,
      VAULT_AUTH: 'kubernetes',
      VAULT_ROLE: 'orders',
      VAULT_JWT_PATH: '/nowhere/token',
    });
    expect(await failureOf(valueAt(world, store))).toMatchObject({
      code: 'failed_precondition',
      reason: 'VAULT_FILE_UNUSABLE',
      message: expect.stringMatching(/the file \/nowhere\/token of VAULT_JWT_PATH cannot be read \(ENOENT\)/),
    });
  });
});

test('by JWT, logs in with what is in its file', async () => {
  await using world = await createWorld();
  await using directory = await temporaryDirectory();
  const signer = createTokenSigner();
  const file = join(directory.path, 'jwt');
  await world.ask('POST', 'sys/auth/ci', { type: 'jwt' });
  await world.ask('POST', 'auth/ci/config', { jwt_validation_pubkeys: [signer.publicKey] });
  const role = { bound_audiences: ['vault'], user_claim: 'sub', token_policies: world.made.policy };
  await world.ask('POST', 'auth/ci/role/orders', role);
  const environment = {
    ...none,
    VAULT_AUTH: 'jwt',
    VAULT_AUTH_MOUNT: 'ci',
    VAULT_ROLE: 'orders',
    VAULT_JWT_PATH: file,
  };
  const exp = world.clock.now() / 1000 + hour;
  await writeFile(file, signer.sign({ sub: 'orders', aud: 'other', exp }));
  const refused = await world.openStore(environment);
  const failure = await failureOf(valueAt(world, refused));
  expect(failure.message).toMatch(/as the jwt role `orders`: .*invalid audience.*bound to the audience and claims/);
  await writeFile(file, signer.sign({ sub: 'orders', aud: 'vault', exp }));
  const store = await world.openStore(environment);
  expect(await valueAt(world, store)).toBe('hunter2');
});
