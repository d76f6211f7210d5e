import { inspect } from 'node:util';
import { ServiceError } from '@org/errors';
import { describe, expect, test, vi } from 'vitest';
import { environmentStore } from './environment-store.ts';
import type { Environment } from './environment.ts';
import type { Fault } from './fault.ts';
import { defineSettings } from './fragment.ts';
import { readSettings } from './read-settings.ts';
import { port, text } from './scalars.ts';
import { createRotatingSecret, type RotatingSecret } from './secret.ts';
import { credentials, secret } from './secrets.ts';
import type { SecretSource, SecretStore, SecretValue } from './store.ts';
import { connectionUrl } from './urls.ts';
import { variable } from './variable.ts';

const description = 'Something.';
const config = {
  rest: defineSettings({
    port: variable('PORT', port(), { description, default: '3000' }),
    title: variable('TITLE', text(), { description, optional: true }),
  }),
  database: defineSettings(
    {
      url: variable('DATABASE_URL', connectionUrl({ protocols: ['postgres:'] }), { description, optional: true }),
      credentials: variable('DATABASE_CREDENTIALS', credentials(), { description, optional: true }),
      password: variable('DATABASE_PASSWORD', secret(), { description, optional: true }),
    },
    { check: ({ credentials, password }) => (credentials && password ? ['expected one of two, got both'] : []) },
  ),
};
const { signal } = new AbortController();

/** A store of secrets that rotate when the test says so. */
function fakeStore(values: Readonly<Record<string, SecretValue>>) {
  const held = new Map<string, RotatingSecret<SecretValue>>();
  for (const [path, value] of Object.entries(values)) held.set(path, createRotatingSecret(value));
  const reads: string[] = [];
  const store: SecretStore<{ address: string }> = {
    scheme: 'vault',
    settings: defineSettings({
      address: variable('VAULT_ADDR', text(), { description, default: 'x', references: false }),
    }),
    async open({ address }) {
      return {
        async read({ path, key, text }) {
          reads.push(text);
          const found = held.get(path);
          if (!found)
            throw new ServiceError('not_found', `Cannot read ${path} from ${address}: there is no such secret`);
          if (key === undefined) return found.secret;
          return found.secret.map((value) => (typeof value === 'string' ? value : (value[key] ?? '')));
        },
        [Symbol.asyncDispose]: async () => held.clear(),
      };
    },
  };
  return { store, reads, rotate: (path: string, value: SecretValue) => held.get(path)?.rotate(value) };
}

async function resolve(
  environment: Environment,
  vault: SecretSource,
  options: { signal: AbortSignal; onRefused?: (fault: Fault) => void } = { signal },
) {
  const read = readSettings(config, { environment, service: 'orders', schemes: ['env', 'vault'] });
  const env = await environmentStore(environment).open(undefined, undefined);
  return read.resolve({ env, vault }, options);
}

async function errorOf(...given: Parameters<typeof resolve>): Promise<ServiceError> {
  const thrown: unknown = await resolve(...given).catch((error: unknown) => error);
  if (thrown instanceof ServiceError) return thrown;
  throw new Error('Expected the references to fail', { cause: thrown });
}

const failing = (error: Error): SecretSource => ({ read: () => Promise.reject(error) });

describe('the second stage', () => {
  test('gives all settings, with the values behind the references', async () => {
    const { store, reads } = fakeStore({ 'kv/orders': { port: '81', url: 'postgres://u:hunter2@db' } });
    await using source = await store.open({ address: 'vault' }, undefined);
    const environment = {
      PORT: 'vault:kv/orders#port',
      DATABASE_URL: 'vault:kv/orders#url',
      TITLE: 'env:T',
      T: 'Orders',
    };
    const settings = await resolve(environment, source);
    expect(settings.rest).toEqual({ port: 81, title: 'Orders' });
    expect(settings.database.url?.reveal()).toBe('postgres://u:hunter2@db');
    expect(String(settings.database.url)).toBe('postgres://u:[secret]@db');
    expect(reads).toEqual(['vault:kv/orders#port', 'vault:kv/orders#url']);
  });

  test('asks no store when there is no reference', async () => {
    const read = readSettings(config, { environment: {}, service: 'orders', schemes: [] });
    expect((await read.resolve({}, { signal })).rest.port).toBe(3000);
  });

  test('gives a pair for a reference without a key, and a text as it would be written', async () => {
    const { store } = fakeStore({ pair: { username: 'u', password: 'p', ttl: '1h' }, text: 'u:p' });
    await using source = await store.open({ address: 'vault' }, undefined);
    for (const DATABASE_CREDENTIALS of ['vault:pair', 'vault:text']) {
      const { database } = await resolve({ DATABASE_CREDENTIALS }, source);
      expect(database.credentials?.reveal()).toEqual({ username: 'u', password: 'p' });
    }
  });

  test('reads a reference once, however many variables hold it', async () => {
    const { store, reads } = fakeStore({ a: '81' });
    await using source = await store.open({ address: 'vault' }, undefined);
    const settings = await resolve({ PORT: 'vault:a', TITLE: 'vault:a' }, source);
    expect(settings.rest).toEqual({ port: 81, title: '81' });
    expect(reads).toEqual(['vault:a']);
  });

  test('reads in parallel', async () => {
    const started: string[] = [];
    const all = Promise.withResolvers<void>();
    const source: SecretSource = {
      async read({ text }) {
        if (started.push(text) === 2) all.resolve();
        await all.promise;
        return createRotatingSecret<SecretValue>('81').secret;
      },
    };
    const settings = await resolve({ PORT: 'vault:a', TITLE: 'vault:b' }, source);
    expect(settings.rest).toEqual({ port: 81, title: '81' });
  });

  test('looks for contradictions when all values are there', async () => {
    const { store } = fakeStore({ pair: 'u:p' });
    await using source = await store.open({ address: 'vault' }, undefined);
    const error = await errorOf({ DATABASE_CREDENTIALS: 'vault:pair', DATABASE_PASSWORD: 'x' }, source);
    expect(error.reason).toBe('CONFIGURATION_INVALID');
    expect(error.message).toContain('expected one of two, got both');
  });

  test('needs a source for each scheme', async () => {
    const environment = { TITLE: 'vault:a' };
    const read = readSettings(config, { environment, service: 'orders', schemes: ['vault'] });
    await expect(read.resolve({}, { signal })).rejects.toThrow(TypeError);
  });
});

describe('a secret that rotates', () => {
  const environment = { DATABASE_URL: 'vault:url', DATABASE_CREDENTIALS: 'vault:pair', PORT: 'vault:port' };

  test('is followed; any other value is read once', async () => {
    const { store, rotate } = fakeStore({ url: 'postgres://a', pair: { username: 'u', password: 'p' }, port: '1' });
    await using source = await store.open({ address: 'vault' }, undefined);
    const { database, rest } = await resolve(environment, source);
    const listener = vi.fn();
    database.credentials?.onChange(listener);
    rotate('pair', { username: 'u2', password: 'p2' });
    rotate('url', 'postgres://u:hunter2@b');
    rotate('port', '2');
    expect(listener.mock.calls).toEqual([[{ username: 'u2', password: 'p2' }]]);
    expect(database.url?.reveal()).toBe('postgres://u:hunter2@b');
    expect(JSON.stringify(database.url)).toBe('"postgres://u:[secret]@b"');
    expect(rest.port).toBe(1);
  });

  test('keeps its last good value when the new one is refused, and says so', async () => {
    const { store, rotate } = fakeStore({ url: 'postgres://a', pair: { username: 'u', password: 'p' }, port: '1' });
    await using source = await store.open({ address: 'vault' }, undefined);
    const [onRefused, listener, onError] = [vi.fn(), vi.fn(), vi.fn()];
    const { database } = await resolve(environment, source, { signal, onRefused });
    database.url?.onChange(listener, onError);
    rotate('url', 'mysql://hunter2');
    const message = 'DATABASE_URL (from vault:url): expected a URL with the protocol postgres:, got something else';
    expect(database.url?.reveal()).toBe('postgres://a');
    expect(onRefused.mock.calls).toEqual([[{ variable: 'DATABASE_URL', source: 'vault:url', message }]]);
    expect(onError.mock.calls).toMatchObject([
      [{ code: 'invalid_argument', reason: 'CONFIGURATION_INVALID', message }],
    ]);
    expect(inspect(onError.mock.calls, { depth: 9 })).not.toContain('hunter2');
    expect(listener).not.toHaveBeenCalled();
    rotate('url', 'postgres://b');
    expect(listener.mock.calls).toEqual([['postgres://b']]);
    expect(onRefused).toHaveBeenCalledOnce();
  });
});

describe('what fails is told in one error:', () => {
  test('values that are not what their variables expect', async () => {
    const { store } = fakeStore({ a: 'hunter2', pair: { username: 'hunter2' }, empty: '' });
    await using source = await store.open({ address: 'vault' }, undefined);
    const environment = {
      PORT: 'vault:a',
      TITLE: 'vault:empty',
      DATABASE_URL: 'vault:pair',
      DATABASE_CREDENTIALS: 'vault:gone',
    };
    const error = await errorOf(environment, source);
    expect(error).toMatchObject({ code: 'invalid_argument', reason: 'CONFIGURATION_INVALID' });
    expect(error.message).toBe(
      [
        'Cannot read the configuration of orders, 4 faults:',
        '  PORT (from vault:a): expected a port from 0 to 65535, got something else',
        '  TITLE (from vault:empty): expected a text, got something else',
        '  DATABASE_URL (from vault:pair): expected a URL with the protocol postgres:, got several values; name one of them with `#key`',
        '  DATABASE_CREDENTIALS (from vault:gone): could not be had (not_found): Cannot read gone from vault: there is no such secret',
      ].join('\n'),
    );
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });

  test.each<[string, ServiceError, string]>([
    ['a store that is away', new ServiceError('unavailable', 'Vault is sealed'), 'unavailable'],
    ['a store that refuses', new ServiceError('permission_denied', 'no policy'), 'permission_denied'],
  ])('%s', async (_, cause, code) => {
    const error = await errorOf({ TITLE: 'vault:a' }, failing(cause));
    expect(error).toMatchObject({ code, reason: 'SECRETS_UNAVAILABLE', cause });
    expect(error.message).toContain(`TITLE (from vault:a): could not be had (${code}): ${cause.message}`);
  });

  test('of several stores that fail, the failure that no other attempt mends decides', async () => {
    const source: SecretSource = {
      read: ({ path }) => Promise.reject(new ServiceError(path === 'a' ? 'unavailable' : 'not_found', 'no')),
    };
    const error = await errorOf({ PORT: 'vault:a', TITLE: 'vault:b' }, source);
    expect(error).toMatchObject({ code: 'not_found', reason: 'SECRETS_UNAVAILABLE' });
    expect((error.cause as AggregateError).errors).toHaveLength(2);
  });

  test('a foreign error, whose message may hold anything, is not repeated', async () => {
    const error = await errorOf({ TITLE: 'vault:a' }, failing(new Error('token hunter2')));
    expect(error.code).toBe('internal');
    expect(error.message).not.toContain('hunter2');
  });

  test('a store that throws at once', async () => {
    const source: SecretSource = {
      read() {
        throw new ServiceError('unauthenticated', 'no token');
      },
    };
    expect((await errorOf({ TITLE: 'vault:a' }, source)).code).toBe('unauthenticated');
  });

  test('a store that never answers, when the signal aborts; one that says why is heard', async () => {
    const never: SecretSource = { read: () => new Promise(() => {}) };
    const controller = new AbortController();
    const failed = errorOf({ TITLE: 'vault:a' }, never, { signal: controller.signal });
    controller.abort(new DOMException('over', 'TimeoutError'));
    expect(await failed).toMatchObject({ code: 'deadline_exceeded', reason: 'SECRETS_UNAVAILABLE' });

    const asked = Promise.withResolvers<void>();
    const source: SecretSource = {
      read: (_, { signal: over }) =>
        new Promise((_, reject) => {
          asked.resolve();
          over.addEventListener('abort', () => reject(new ServiceError('unavailable', 'Vault is sealed')));
        }),
    };
    const stop = new AbortController();
    const explained = errorOf({ TITLE: 'vault:a' }, source, { signal: stop.signal });
    await asked.promise;
    stop.abort(new DOMException('over', 'TimeoutError'));
    expect((await explained).message).toContain('could not be had (unavailable): Vault is sealed');

    const late = await errorOf({ TITLE: 'vault:a' }, never, { signal: AbortSignal.abort() });
    expect(late.code).toBe('cancelled');
  });
});
