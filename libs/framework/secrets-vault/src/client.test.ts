import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { startProcess, startVaultDouble, waitFor } from '@org/testing';
import { systemClock } from '@org/secrets';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { settingsOf } from '../test-fixtures/set-up.ts';
import { createWorld, failureOf } from '../test-fixtures/world.ts';
import { openClient } from './client.ts';

const token = 'hvs.hunter2';

/** What a test does not care about. */
const ask = { method: 'GET', path: 'kv/a', token, doing: 'read `kv/a`', signal: new AbortController().signal } as const;

const open = (url: string, more: Record<string, string> = {}) =>
  openClient(settingsOf({ VAULT_ADDR: url, VAULT_TOKEN: token, ...more }), systemClock);

/** Everything that an error holds, hidden things included. */
const allOf = (error: unknown) => inspect(error, { depth: 20, showHidden: true, getters: true });

/** A server that notes the headers that it gets. */
async function listening(): Promise<{ url: string; tokens: (string | undefined)[] } & AsyncDisposable> {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers['x-vault-token'] as string | undefined);
    response.end('{"data":{"stolen":"yes"}}');
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    tokens,
    [Symbol.asyncDispose]: close,
  };
}

afterEach(() => void vi.unstubAllEnvs());

describe('a redirect', () => {
  test('to another host does not take the token there', async () => {
    await using vault = await startVaultDouble();
    await using other = await listening();
    using client = await open(vault.url);
    vault.fail({ kind: 'standby', active: other.url });
    const failure = await failureOf(client.ask(ask));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'VAULT_REDIRECT_REFUSED' });
    expect(failure.message).toContain(`${other.url}), where the token is not sent. Name that node in VAULT_NODES`);
    expect(other.tokens).toEqual([]);
  });

  test('to a node of the cluster is followed, once', async () => {
    await using standby = await startVaultDouble();
    await using active = await startVaultDouble();
    using client = await open(standby.url, { VAULT_NODES: active.url });
    standby.fail({ kind: 'standby', active: active.url });
    const asked = {
      ...ask,
      method: 'POST',
      path: 'auth/token/lookup',
      body: { token: active.rootToken },
      token: active.rootToken,
    } as const;
    expect((await client.ask(asked)).body.data).toMatchObject({ path: 'auth/token/root' });
    active.fail({ kind: 'standby', active: standby.url });
    expect(await failureOf(client.ask(asked))).toMatchObject({ reason: 'VAULT_REDIRECT_REFUSED' });
  });
});

describe('an error', () => {
  test.for([
    [
      'nobody who listens',
      { kind: 'answer', status: 200 },
      { reason: 'SECRET_STORE_UNAVAILABLE', code: 'unavailable' },
    ],
    ['a connection that is cut', { kind: 'cut' }, { reason: 'SECRET_STORE_UNAVAILABLE', code: 'unavailable' }],
    [
      'an answer that does not come',
      { kind: 'slow', ms: 60_000 },
      { reason: 'SECRET_STORE_TIMEOUT', code: 'deadline_exceeded' },
    ],
    [
      'an answer that is far too large',
      { kind: 'huge', bytes: 5_000_000 },
      { reason: 'SECRET_UNUSABLE', code: 'failed_precondition' },
    ],
  ] as const)('of %s says so, and holds no token', async ([what, fault, expected]) => {
    await using vault = await startVaultDouble();
    using client = await open(vault.url, { VAULT_CLIENT_TIMEOUT: fault.kind === 'slow' ? '100ms' : '30s' });
    vault.fail(fault);
    if (what.startsWith('nobody')) await vault.down();
    const failure = await failureOf(client.ask(ask));
    expect(failure).toMatchObject(expected);
    expect(failure.message).toMatch(/^Cannot read `kv\/a`: .{20,}/);
    expect(allOf(failure)).not.toContain('hunter2');
  });

  test('does not repeat what Vault repeats of a request', async () => {
    await using vault = await startVaultDouble();
    using client = await open(vault.url);
    vault.fail({
      kind: 'answer',
      status: 400,
      errors: ['2 errors occurred:\n\t* invalid secret_id "s3cr3t"\n\t* hvs.hunter2\n\n'],
    });
    const { said } = await client.ask({ ...ask, method: 'POST', body: { secret_id: 's3cr3t' }, secrets: ['s3cr3t'] });
    expect(said).toBe('invalid secret_id "[secret]" [secret]');
  });
});

test('a caller who goes away ends the request', async () => {
  await using vault = await startVaultDouble();
  using client = await open(vault.url);
  vault.fail({ kind: 'slow', ms: 60_000 });
  const leaving = new AbortController();
  const asking = failureOf(client.ask({ ...ask, signal: leaving.signal }));
  await waitFor(() => vault.requests.length === 1, { what: 'the request' });
  leaving.abort();
  expect(await asking).toMatchObject({ code: 'cancelled' });
});

test('paths are sent as they are, whatever characters they have', async () => {
  await using vault = await startVaultDouble();
  using client = await open(vault.url);
  const odd = `kv/a&b='"<c>{{d}}/ß%20/sys/health`;
  const path = odd.split('/').map(encodeURIComponent).join('/');
  // What is called as Vault's health is a secret like any other.
  expect(await client.ask({ ...ask, path })).toMatchObject({ status: 403, said: 'permission denied' });
  expect(vault.requests).toMatchObject([{ path: odd }]);
});

test('an answer without a body is none that failed', async () => {
  await using vault = await startVaultDouble();
  using client = await open(vault.url);
  const path = 'sys/leases/revoke';
  const revoked = await client.ask({ ...ask, method: 'POST', path, token: vault.rootToken, body: { lease_id: 'x' } });
  expect(revoked).toMatchObject({ status: 202, body: {} });
});

test('nothing is noted of what is sent, whatever the process is told to note', async () => {
  await using vault = await startVaultDouble();
  const program = `
    import { openVault, vaultSettings } from '@org/secrets-vault';
    import { readSettings } from '@org/config';
    import { collectLogger } from '@org/testing';
    const read = readSettings({ vault: vaultSettings }, { environment: process.env, service: 'notes', schemes: [] });
    await using open = await openVault(read.settings.vault, { logger: collectLogger(), service: { name: 'notes' } });
    await open.transit.encrypt('cards', 'x').catch((error) => console.log(error.reason));`;
  const env = {
    DEBUG: '*',
    VAULT_ADDR: vault.url,
    VAULT_AUTH: 'approle',
    VAULT_ROLE_ID: 'orders',
    VAULT_SECRET_ID: 'hunter2',
  };
  const node = ['--conditions=@org/source', '--input-type=module-typescript', '-'];
  await using noting = await startProcess(process.execPath, node, { cwd: import.meta.dirname, env, input: program });
  await noting.exit;
  expect(noting.stdout).toBe('SECRET_LOGIN_REFUSED\n');
  expect(noting.stderr).not.toContain('hunter2');
});

test('nothing is taken from the environment of the process', async () => {
  vi.stubEnv('VAULT_TOKEN', 'hvs.somebody-else');
  vi.stubEnv('VAULT_NAMESPACE', 'elsewhere');
  vi.stubEnv('VAULT_PREFIX', '/proxied');
  await using vault = await startVaultDouble();
  using client = await open(vault.url);
  await client.ask({ ...ask, token: undefined });
  expect(vault.requests).toMatchObject([{ token: undefined, namespace: '', path: 'kv/a' }]);
});

test('a Vault that wants to be left alone is not asked for as long', async () => {
  await using world = await createWorld();
  const store = await world.openVault();
  const path = `${world.made.kv}/database`;
  await store.read(path);
  world.double.fail({ kind: 'rate-limited', retryAfterSeconds: 5 });
  const before = world.double.requests.length;
  expect(await failureOf(store.read(path))).toMatchObject({
    code: 'resource_exhausted',
    reason: 'VAULT_RATE_LIMITED',
    details: { retryAfterMs: 5_000 },
  });
  await world.double.recover();
  await world.clock.advance(2_000);
  expect(await failureOf(store.read(path))).toMatchObject({ details: { retryAfterMs: 3_000 } });
  expect(world.double.requests.length).toBe(before + 1);
  await world.clock.advance(3_001);
  expect((await store.read(path)).data.password).toBe('hunter2');
});

describe('a connection that the server closes just as it is used again', () => {
  /** Answers the first request of each connection, and resets it at the second. */
  const closing = async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"data":{}}';
    const counts = { connections: 0, requests: 0 };
    const server = createTcpServer((socket) => {
      counts.connections += 1;
      let requests = 0;
      socket
        .on('error', () => {})
        .on('data', () => {
          counts.requests += 1;
          if ((requests += 1) === 1) socket.write(answer);
          else socket.resetAndDestroy();
        });
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    return { server, counts, url: `http://localhost:${(server.address() as AddressInfo).port}` };
  };

  test('is no failure of a reading', async () => {
    const { server, counts, url } = await closing();
    using client = await open(url);
    for (let index = 0; index < 3; index += 1) expect((await client.ask(ask)).status).toBe(200);
    expect(counts).toEqual({ connections: 3, requests: 5 });
    server.close();
  });

  test('is one of a writing, which may have been done', async () => {
    const { server, counts, url } = await closing();
    using client = await open(url);
    await client.ask(ask);
    const failure = await failureOf(client.ask({ ...ask, method: 'POST', body: {} }));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'SECRET_STORE_UNAVAILABLE' });
    expect(counts).toEqual({ connections: 1, requests: 2 });
    server.close();
  });
});
