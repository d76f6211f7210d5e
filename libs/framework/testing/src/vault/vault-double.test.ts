import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hasOpenssl } from '../certificate-authority.ts';
import { skipUnless } from '../skip-unless.ts';
import { askVault, type VaultAccess } from './ask-vault.ts';
import { findVault } from './find-vault.ts';
import { startVaultDouble, type VaultDouble } from './vault-double.ts';

const hour = 3_600_000;
const refusals = [400, 403, 404, 429, 500, 503];

const asRoot = ({ url, rootToken }: VaultDouble): VaultAccess => ({ url, token: rootToken });

async function tokenFor(vault: VaultDouble, paths: Record<string, string[]>, more: object = {}): Promise<VaultAccess> {
  const path = Object.fromEntries(Object.entries(paths).map(([at, capabilities]) => [at, { capabilities }]));
  await askVault(asRoot(vault), 'PUT', 'sys/policies/acl/some', { policy: JSON.stringify({ path }) });
  const { body } = await askVault(asRoot(vault), 'POST', 'auth/token/create', { policies: ['some'], ...more });
  return { url: vault.url, token: body.auth.client_token };
}

function signedToken(claims: object, privateKey: Parameters<typeof sign>[2]): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

describe('key-value secrets', () => {
  test('of version 1 are as they were written', async () => {
    await using vault = await startVaultDouble();
    const root = asRoot(vault);
    await askVault(root, 'POST', 'sys/mounts/kv', { type: 'kv', options: { version: '1' } });
    await askVault(root, 'POST', 'kv/a/b', { password: 'one' });
    const { body } = await askVault(root, 'GET', 'kv/a/b');
    expect(body).toMatchObject({
      data: { password: 'one' },
      lease_id: '',
      renewable: false,
      lease_duration: 2_764_800,
    });
    expect((await askVault(root, 'GET', 'kv?list=true')).body.data.keys).toEqual(['a/']);
    expect(await askVault(root, 'GET', 'kv/a/c', undefined, refusals)).toEqual({ status: 404, body: { errors: [] } });
  });

  test('of version 2 have versions, and deleted ones answer 404 with metadata', async () => {
    await using vault = await startVaultDouble();
    const root = asRoot(vault);
    await askVault(root, 'POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } });
    await askVault(root, 'POST', 'kv/data/a', { data: { password: 'one' } });
    await askVault(root, 'POST', 'kv/data/a', { data: { password: 'two' }, options: { cas: 1 } });
    const outdated = { data: { password: 'three' }, options: { cas: 1 } };
    expect(await askVault(root, 'POST', 'kv/data/a', outdated, refusals)).toEqual({
      status: 400,
      body: { errors: ['check-and-set parameter did not match the current version'] },
    });
    expect((await askVault(root, 'GET', 'kv/data/a?version=1')).body.data.data).toEqual({ password: 'one' });
    expect((await askVault(root, 'GET', 'kv/data/a')).body.data).toMatchObject({
      data: { password: 'two' },
      metadata: { version: 2, deletion_time: '', destroyed: false },
    });
    await askVault(root, 'DELETE', 'kv/data/a');
    const deleted = await askVault(root, 'GET', 'kv/data/a', undefined, refusals);
    expect(deleted.status).toBe(404);
    expect(deleted.body.data).toMatchObject({
      data: null,
      metadata: { version: 2, deletion_time: expect.any(String) },
    });
  });

  test('say in which mount they are to those who may use it', async () => {
    await using vault = await startVaultDouble();
    await askVault(asRoot(vault), 'POST', 'sys/mounts/team/kv', { type: 'kv', options: { version: '2' } });
    const reader = await tokenFor(vault, { 'team/kv/data/a': ['read'] });
    const { body } = await askVault(reader, 'GET', 'sys/internal/ui/mounts/team/kv/a');
    expect(body.data).toMatchObject({ path: 'team/kv/', type: 'kv', options: { version: '2' } });
    const stranger = await tokenFor(vault, { 'other/*': ['read'] });
    expect(await askVault(stranger, 'GET', 'sys/internal/ui/mounts/team/kv/a', undefined, refusals)).toMatchObject({
      status: 403,
      body: { errors: [expect.stringContaining('preflight capability check returned 403')] },
    });
  });
});

describe('tokens', () => {
  test('may do what their policies grant, and nothing else', async () => {
    await using vault = await startVaultDouble();
    await askVault(asRoot(vault), 'POST', 'sys/mounts/kv', { type: 'kv' });
    const reader = await tokenFor(vault, { 'kv/+/shared': ['read'], 'kv/a/*': ['create'], 'kv/a/closed': ['deny'] });
    await askVault(reader, 'POST', 'kv/a/b', { x: '1' });
    const denied = { status: 403, body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] } };
    expect(await askVault(reader, 'POST', 'kv/a/b', { x: '2' }, refusals)).toEqual(denied);
    expect(await askVault(reader, 'POST', 'kv/a/closed', { x: '1' }, refusals)).toEqual(denied);
    expect(await askVault(reader, 'GET', 'kv/a/b', undefined, refusals)).toEqual(denied);
    expect((await askVault(reader, 'GET', 'kv/a/shared', undefined, refusals)).status).toBe(404);
  });

  test('are renewed up to their maximum, expire, and are then unknown', async () => {
    await using vault = await startVaultDouble({ now: () => 0 });
    const token = await tokenFor(vault, {}, { ttl: '1h', explicit_max_ttl: '90m' });
    await vault.advance(hour / 2);
    const renewed = await askVault(token, 'POST', 'auth/token/renew-self');
    expect(renewed.body.auth).toMatchObject({ lease_duration: 3_600, renewable: true });
    await vault.advance(hour / 2);
    const last = await askVault(token, 'POST', 'auth/token/renew-self');
    expect(last.body.auth.lease_duration).toBe(1_800);
    expect(last.body.warnings[0]).toContain('exceeded the effective max_ttl');
    await vault.advance(hour / 2 + 1_000);
    expect(await askVault(token, 'GET', 'auth/token/lookup-self', undefined, refusals)).toEqual({
      status: 403,
      body: { errors: ['permission denied'] },
    });
    expect(vault.counts.tokens).toBe(0);
  });

  test('of which one may be used so often are gone after that', async () => {
    await using vault = await startVaultDouble();
    const token = await tokenFor(vault, {}, { num_uses: 2 });
    await askVault(token, 'GET', 'auth/token/lookup-self');
    await askVault(token, 'GET', 'auth/token/lookup-self');
    expect((await askVault(token, 'GET', 'auth/token/lookup-self', undefined, refusals)).status).toBe(403);
  });
});

describe('login', () => {
  test('by AppRole takes a secret id while it is good', async () => {
    await using vault = await startVaultDouble();
    const root = asRoot(vault);
    await askVault(root, 'POST', 'sys/auth/approle', { type: 'approle' });
    await askVault(root, 'POST', 'auth/approle/role/orders', { token_policies: 'some', token_ttl: '1h' });
    const role_id = (await askVault(root, 'GET', 'auth/approle/role/orders/role-id')).body.data.role_id;
    const issued = await askVault(root, 'POST', 'auth/approle/role/orders/secret-id', { ttl: '10m' });
    const { secret_id } = issued.body.data;
    const logIn = (body: object) => askVault({ ...root, token: '' }, 'POST', 'auth/approle/login', body, refusals);
    expect((await logIn({ role_id, secret_id })).body.auth).toMatchObject({
      policies: ['default', 'some'],
      lease_duration: 3_600,
      metadata: { role_name: 'orders' },
    });
    const unknown = { status: 400, body: { errors: ['invalid role or secret ID'] } };
    expect(await logIn({ role_id: 'x', secret_id })).toEqual(unknown);
    await vault.advance(hour);
    expect(await logIn({ role_id, secret_id })).toEqual(unknown);
  });

  test('by JWT and by Kubernetes holds the token to its signature, its times and what the role is bound to', async () => {
    await using vault = await startVaultDouble();
    const root = asRoot(vault);
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    await askVault(root, 'POST', 'sys/auth/jwt', { type: 'jwt' });
    await askVault(root, 'POST', 'auth/jwt/config', { jwt_validation_pubkeys: [pem] });
    await askVault(root, 'POST', 'auth/jwt/role/orders', { bound_audiences: ['vault'], user_claim: 'sub' });
    await askVault(root, 'POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
    await askVault(root, 'POST', 'auth/kubernetes/config', { pem_keys: [pem] });
    await askVault(root, 'POST', 'auth/kubernetes/role/orders', {
      bound_service_account_names: 'orders',
      bound_service_account_namespaces: 'shop',
    });
    const now = Math.floor(Date.now() / 1000);
    const logIn = async (method: string, claims: object, role = 'orders', key = privateKey) => {
      const all = { sub: 'system:serviceaccount:shop:orders', aud: ['vault'], exp: now + 600, ...claims };
      const body = { role, jwt: signedToken(all, key) };
      const answer = await askVault({ ...root, token: '' }, 'POST', `auth/${method}/login`, body, refusals);
      return answer.body.errors?.[0] ?? answer.body.auth.metadata;
    };
    expect(await logIn('jwt', {})).toEqual({ role: 'orders' });
    expect(await logIn('jwt', {}, 'nobody')).toBe('role "nobody" could not be found');
    expect(await logIn('jwt', { exp: now - 600 })).toContain('invalid expiration time (exp) claim');
    expect(await logIn('jwt', { nbf: now + 600 })).toContain('invalid not before (nbf) claim');
    expect(await logIn('jwt', { aud: 'other' })).toContain('invalid audience (aud) claim');
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(await logIn('jwt', {}, 'orders', other)).toContain('error verifying token signature');
    expect(await logIn('kubernetes', {})).toMatchObject({ service_account_name: 'orders' });
    expect(await logIn('kubernetes', {}, 'orders', other)).toBe('permission denied');
    expect(await logIn('kubernetes', { sub: 'system:serviceaccount:shop:other' })).toContain('not authorized');
    expect(await logIn('kubernetes', {}, 'nobody')).toBe('invalid role name "nobody"');
  });
});

describe('leases', () => {
  test('of database credentials are renewed, revoked, and end with the token or their time', async () => {
    const dropped: string[] = [];
    const users = { create: async () => undefined, drop: async (name: string) => void dropped.push(name) };
    await using vault = await startVaultDouble({ users });
    const root = asRoot(vault);
    await askVault(root, 'POST', 'sys/mounts/database', { type: 'database' });
    await askVault(root, 'POST', 'database/roles/orders', { db_name: 'pg', default_ttl: '1h', max_ttl: '2h' });
    const user = await tokenFor(vault, { 'database/creds/orders': ['read'], 'sys/leases/revoke': ['update'] });
    const first = (await askVault(user, 'GET', 'database/creds/orders')).body;
    expect(first).toMatchObject({ renewable: true, lease_duration: 3_600, data: { username: expect.any(String) } });
    const renewed = await askVault(user, 'PUT', 'sys/leases/renew', { lease_id: first.lease_id });
    expect(renewed.body.lease_duration).toBe(3_600);
    expect((await askVault(user, 'PUT', 'sys/leases/revoke', { lease_id: first.lease_id })).status).toBe(202);
    expect(dropped).toEqual([first.data.username]);
    const again = { lease_id: first.lease_id };
    expect(await askVault(user, 'PUT', 'sys/leases/renew', again, refusals)).toEqual({
      status: 400,
      body: { errors: ['lease not found'] },
    });
    const second = (await askVault(user, 'GET', 'database/creds/orders')).body;
    await vault.advance(hour + 1_000);
    expect(dropped).toContain(second.data.username);
    const third = (await askVault(user, 'GET', 'database/creds/orders')).body;
    await askVault(user, 'POST', 'auth/token/revoke-self');
    expect(dropped).toContain(third.data.username);
    expect(vault.counts).toEqual({ tokens: 0, leases: 0 });
  });
});

test('certificates are signed by the authority of the mount, for names of the role', async (context) => {
  skipUnless(context, await hasOpenssl(), { what: 'OpenSSL 3', get: 'apt-get install openssl' });
  await using vault = await startVaultDouble();
  const root = asRoot(vault);
  await askVault(root, 'POST', 'sys/mounts/pki', { type: 'pki' });
  const authority = await askVault(root, 'POST', ['pki', 'root', 'generate', 'internal'].join('/'), {
    common_name: 'Test',
  });
  await askVault(root, 'POST', 'pki/roles/orders', { allowed_domains: ['shop.test'], allow_subdomains: true });
  const names = { common_name: 'orders.shop.test', ttl: '1h' };
  const { data } = (await askVault(root, 'POST', 'pki/issue/orders', names)).body;
  const certificate = new X509Certificate(data.certificate);
  expect(certificate.checkHost('orders.shop.test')).toBe('orders.shop.test');
  expect(certificate.checkIssued(new X509Certificate(data.issuing_ca))).toBe(true);
  expect(data.ca_chain.at(-1)).toBe(authority.body.data.certificate);
  const foreign = { common_name: 'shop.example' };
  expect((await askVault(root, 'POST', 'pki/issue/orders', foreign, refusals)).body.errors[0]).toContain('not allowed');
});

test('transit encrypts, decrypts, signs and verifies, also what an earlier version of the key made', async () => {
  await using vault = await startVaultDouble();
  const root = asRoot(vault);
  await askVault(root, 'POST', 'sys/mounts/transit', { type: 'transit' });
  for (const [name, type] of [['seal'], ['stamp', 'ed25519']])
    await askVault(root, 'POST', `transit/keys/${name}`, { type });
  const plaintext = Buffer.from('secret').toString('base64');
  const { ciphertext } = (await askVault(root, 'POST', 'transit/encrypt/seal', { plaintext })).body.data;
  const { signature } = (await askVault(root, 'POST', 'transit/sign/stamp', { input: plaintext })).body.data;
  expect([ciphertext, signature].every((text: string) => text.startsWith('vault:v1:'))).toBe(true);
  for (const name of ['seal', 'stamp']) await askVault(root, 'POST', `transit/keys/${name}/rotate`, {});
  expect((await askVault(root, 'POST', 'transit/decrypt/seal', { ciphertext })).body.data.plaintext).toBe(plaintext);
  const verify = async (body: object) => (await askVault(root, 'POST', 'transit/verify/stamp', body)).body.data.valid;
  expect(await verify({ input: plaintext, signature })).toBe(true);
  expect(await verify({ input: Buffer.from('other').toString('base64'), signature })).toBe(false);
  const broken = { ciphertext: 'vault:v1:AAAA' };
  expect((await askVault(root, 'POST', 'transit/decrypt/seal', broken, refusals)).status).toBe(400);
});

test('a wrapped answer is had once, in its time', async () => {
  await using vault = await startVaultDouble();
  const root = asRoot(vault);
  await askVault(root, 'POST', 'sys/mounts/kv', { type: 'kv' });
  await askVault(root, 'POST', 'kv/a', { password: 'one' });
  const wrap = async () => {
    const headers = { 'x-vault-token': vault.rootToken, 'x-vault-wrap-ttl': '60s' };
    const answer = await fetch(`${vault.url}/v1/kv/a`, { headers });
    return ((await answer.json()) as { wrap_info: { token: string } }).wrap_info.token;
  };
  const unwrap = (token: string) =>
    askVault({ url: vault.url, token }, 'POST', 'sys/wrapping/unwrap', undefined, refusals);
  const token = await wrap();
  expect((await unwrap(token)).body.data).toEqual({ password: 'one' });
  expect((await unwrap(token)).body.errors).toHaveLength(1);
  const late = await wrap();
  await vault.advance(61_000);
  expect(await unwrap(late)).toEqual({
    status: 400,
    body: { errors: ['wrapping token is not valid or does not exist'] },
  });
});

test('namespaces know nothing of each other', async () => {
  await using vault = await startVaultDouble();
  const root = asRoot(vault);
  await askVault(root, 'POST', 'sys/namespaces/team', {});
  const inside = { ...root, namespace: 'team' };
  await askVault(inside, 'POST', 'sys/mounts/kv', { type: 'kv' });
  await askVault(inside, 'POST', 'kv/a', { x: '1' });
  expect((await askVault(inside, 'GET', 'kv/a')).body.data).toEqual({ x: '1' });
  expect((await askVault(root, 'GET', 'kv/a', undefined, refusals)).body.errors[0]).toContain('no handler for route');
  const nowhere = { ...root, namespace: 'other' };
  expect(await askVault(nowhere, 'GET', 'kv/a', undefined, refusals)).toMatchObject({ status: 404 });
});

describe('faults', () => {
  test.for([
    ['sealed', { kind: 'sealed' }, 503, 'Vault is sealed', 503],
    ['standby', { kind: 'standby' }, 500, 'active cluster node not found', 429],
    ['rate-limited', { kind: 'rate-limited' }, 429, 'rate limit quota exceeded', 200],
    ['answer', { kind: 'answer', status: 502, text: '<html>' }, 502, undefined, 200],
  ] as const)('%s answers as Vault does, and its health says so', async ([, fault, status, text, health]) => {
    await using vault = await startVaultDouble();
    vault.fail(fault, fault.kind === 'sealed' || fault.kind === 'standby' ? {} : { path: /^auth/ });
    const refused = await askVault(asRoot(vault), 'GET', 'auth/token/lookup-self', undefined, [status]);
    expect(refused.status).toBe(status);
    if (text) expect(refused.body.errors[0]).toContain(text);
    expect((await fetch(`${vault.url}/v1/sys/health`)).status).toBe(health);
    await vault.recover();
    expect((await askVault(asRoot(vault), 'GET', 'auth/token/lookup-self')).status).toBe(200);
  });

  test('sends to the active node, is slow, huge, cuts, and has as many times as it was told', async () => {
    await using vault = await startVaultDouble();
    vault.fail({ kind: 'standby', active: 'http://other:8200' }, { times: 1 });
    const moved = await fetch(`${vault.url}/v1/kv/a?version=1`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([307, 'http://other:8200/v1/kv/a?version=1']);
    vault.fail({ kind: 'rate-limited', retryAfterSeconds: 2 }, { times: 1 });
    expect((await fetch(`${vault.url}/v1/kv/a`)).headers.get('retry-after')).toBe('2');
    vault.fail({ kind: 'huge', bytes: 100_000 }, { times: 1 });
    expect((await (await fetch(`${vault.url}/v1/kv/a`)).text()).length).toBeGreaterThan(100_000);
    vault.fail({ kind: 'cut' }, { times: 1 });
    await expect(fetch(`${vault.url}/v1/kv/a`)).rejects.toThrow('fetch failed');
    vault.fail({ kind: 'slow', ms: 60_000 }, { times: 1 });
    await expect(fetch(`${vault.url}/v1/kv/a`, { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    expect((await fetch(`${vault.url}/v1/kv/a`)).status).toBe(403);
    await vault.down();
    await expect(fetch(`${vault.url}/v1/kv/a`)).rejects.toThrow('fetch failed');
    await vault.recover();
    expect((await fetch(`${vault.url}/v1/kv/a`)).status).toBe(403);
    expect(vault.requests.filter(({ path }) => path.startsWith('kv/a'))).toHaveLength(7);
  });
});

test('what was found says what it is', async () => {
  await using vault = await findVault({});
  expect([vault.implementation, vault.double?.implementation]).toEqual(['the double', 'double']);
  const environment = { VAULT_ADDR: `${vault.root.url}/`, VAULT_TOKEN: 'x' };
  await using real = await findVault(environment);
  expect([real.implementation, real.root, real.double]).toEqual([
    'Vault 1.19.0-double',
    { url: vault.root.url, token: 'x' },
    undefined,
  ]);
  vault.double?.fail({ kind: 'sealed' });
  await expect(findVault(environment)).rejects.toThrow('to be unsealed');
});
