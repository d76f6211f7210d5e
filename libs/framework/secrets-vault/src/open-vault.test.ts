import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { createCall, runInCall } from '@org/context';
import { hasOpenssl, skipUnless } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { createWorld, failureOf, untilLater, type World } from '../test-fixtures/world.ts';

const openssl = { what: 'OpenSSL 3', get: 'apt-get install openssl' };

describe('values that are written', () => {
  test('have a version, which the next writing may insist on', async () => {
    await using world = await createWorld();
    const store = await world.openVault();
    const path = `${world.made.kv}/settings`;
    expect(await store.write(path, { colour: 'red' }, { checkAndSet: 0 })).toBe(1);
    expect(await store.write(path, { colour: 'blue' }, { checkAndSet: 1 })).toBe(2);
    const failure = await failureOf(store.write(path, { colour: 'green' }, { checkAndSet: 1 }));
    expect(failure).toMatchObject({ code: 'aborted', reason: 'VAULT_VERSION_CONFLICT' });
    expect(await store.read(path)).toEqual({ data: { colour: 'blue' }, version: 2 });
    expect(await store.read(path, { version: 1 })).toEqual({ data: { colour: 'red' }, version: 1 });
  });

  test('have none where the engine keeps none, and cannot insist on one', async () => {
    await using world = await createWorld();
    const store = await world.openVault();
    const path = `${world.made.kvOne}/settings`;
    expect(await store.write(path, { colour: 'red' })).toBeUndefined();
    expect(await store.read(path)).toEqual({ data: { colour: 'red' } });
    await expect(store.write(path, {}, { checkAndSet: 1 })).rejects.toThrow(
      'Expected `checkAndSet` for an engine that keeps versions',
    );
  });

  test('stand in no error', async () => {
    await using world = await createWorld();
    const store = await world.openVault();
    const path = `${world.made.kv}/settings`;
    await store.write(path, { password: 'hunter2' });
    world.double.fail({ kind: 'answer', status: 400, errors: ['cannot parse hunter2'] });
    const failure = await failureOf(store.write(path, { password: 'hunter2' }));
    expect(failure).toMatchObject({ code: 'invalid_argument', reason: 'VAULT_REQUEST_REFUSED' });
    expect(failure.message).toMatch(/^Cannot write `kv-.*: Vault refuses it \(cannot parse \[secret\]\)$/);
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });

  test.for(['', 'kv', '/kv/a', 'kv//a', 'kv/../a', 'kv/a/', 'sys/seal', 'auth/token/create', 'kv/a\nb'])(
    'are not written to %j',
    async (path) => {
      await using world = await createWorld();
      const store = await world.openVault();
      await expect(store.write(path, { a: 'b' })).rejects.toThrow(TypeError);
      await expect(store.read(path)).rejects.toThrow('Expected `path` to be');
    },
  );
});

async function withCertificates(world: World) {
  await world.ask('POST', 'sys/mounts/pki', { type: 'pki' });
  const { body } = await world.ask('POST', ['pki', 'root', 'generate', 'internal'].join('/'), {
    common_name: 'Orders',
  });
  await world.ask('POST', 'pki/roles/orders', {
    allowed_domains: ['shop.test'],
    allow_subdomains: true,
    max_ttl: '72h',
  });
  await world.made.grant({ 'pki/issue/orders': ['create', 'update'] });
  return body.data.certificate as string;
}

describe('certificates', () => {
  test('are issued for the names that are asked for, with those that signed them', async (context) => {
    skipUnless(context, await hasOpenssl(), openssl);
    await using world = await createWorld();
    const root = await withCertificates(world);
    const store = await world.openVault();
    const alternativeNames = ['orders-1.shop.test'];
    const asked = {
      role: 'orders',
      commonName: 'orders.shop.test',
      alternativeNames,
      ipAddresses: ['127.0.0.1'],
      ttlSeconds: 3_600,
    };
    const issued = await store.issueCertificate(asked);
    const certificate = new X509Certificate(issued.certificate);
    expect(certificate.subjectAltName).toBe('DNS:orders.shop.test, DNS:orders-1.shop.test, IP Address:127.0.0.1');
    expect(issued.chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(issued.authority).toBe(root);
    expect(issued.expiresAt.getTime()).toBe(world.clock.now() + 3_600_000);
    expect(inspect(issued)).not.toContain(issued.privateKey.reveal());
    const failure = await failureOf(store.issueCertificate({ role: 'orders', commonName: 'shop.example' }));
    expect(failure).toMatchObject({ code: 'invalid_argument', reason: 'VAULT_REQUEST_REFUSED' });
    expect(failure.message).toContain('common name shop.example not allowed by this role');
  });

  test('behind a reference come with their key, and are replaced before they end', async (context) => {
    skipUnless(context, await hasOpenssl(), openssl);
    await using world = await createWorld({ role: { token_ttl: '24h', token_max_ttl: '0' } });
    await withCertificates(world);
    const store = await world.openStore();
    const reference = 'vault:pki/issue/orders?common_name=orders.shop.test&ttl=2h';
    const chain = (await world.read(store, `${reference}#chain`)).map((pem) => pem as string);
    const key = await world.read(store, `${reference}#private_key`);
    expect(world.count(/^pki\/issue/)).toBe(1);
    const first = new X509Certificate(chain.reveal());
    expect(first.checkHost('orders.shop.test')).toBe('orders.shop.test');
    expect(key.reveal()).toContain('PRIVATE KEY');
    await untilLater(world, () => new X509Certificate(chain.reveal()).serialNumber !== first.serialNumber);
    expect(world.clock.now()).toBeLessThan(Date.parse(first.validTo));
    expect(world.count(/^pki\/issue/)).toBe(2);
  });
});

describe('transit', () => {
  test('encrypts, decrypts, signs and verifies with keys that stay in Vault', async () => {
    await using world = await createWorld();
    await world.ask('POST', 'sys/mounts/transit', { type: 'transit' });
    await world.ask('POST', 'transit/keys/cards', {});
    await world.ask('POST', 'transit/keys/stamp', { type: 'ed25519' });
    await world.made.grant({ 'transit/*': ['update'] });
    const { transit } = await world.openVault();
    const ciphertext = await transit.encrypt('cards', 'Grüezi');
    expect(ciphertext).toMatch(/^vault:v1:/);
    expect((await transit.decrypt('cards', ciphertext)).toString()).toBe('Grüezi');
    const bytes = Uint8Array.of(0, 255, 1);
    expect(await transit.decrypt('cards', await transit.encrypt('cards', bytes))).toEqual(Buffer.from(bytes));
    const signature = await transit.sign('stamp', 'order 1');
    expect(await transit.verify('stamp', 'order 1', signature)).toBe(true);
    expect(await transit.verify('stamp', 'order 2', signature)).toBe(false);
    const refused = { code: 'invalid_argument', reason: 'VAULT_REQUEST_REFUSED' };
    expect(await failureOf(transit.decrypt('cards', 'vault:v1:AAAA'))).toMatchObject(refused);
    expect((await failureOf(transit.encrypt('nobody', 'x'))).message).toMatch(
      /encrypt with the key `nobody` of `transit`/,
    );
  });

  test('ends with the call that it is made for', async () => {
    await using world = await createWorld();
    const { transit } = await world.openVault({ VAULT_CLIENT_TIMEOUT: '1m' });
    world.double.fail({ kind: 'slow', ms: 60_000 });
    using call = createCall({ timeoutMs: 50 });
    expect(await failureOf(runInCall(call, () => transit.encrypt('cards', 'x')))).toMatchObject({
      code: 'deadline_exceeded',
    });
  });
});
