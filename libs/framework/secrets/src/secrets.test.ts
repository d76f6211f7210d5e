import { collectLogger, createManualClock, waitFor } from '@org/testing';
import { expect, test } from 'vitest';
import { createMemorySecrets } from './testing/index.ts';

const service = { name: 'orders', version: '1.0.0', commit: undefined };
const { signal } = new AbortController();

test('a secret follows its store', async () => {
  const memory = createMemorySecrets();
  memory.put('kv/orders', { username: 'u', password: 'one' });
  const logger = collectLogger();
  const clock = createManualClock();
  await using secrets = await memory.store.open({}, { logger, service, clock });
  const password = await secrets.read('memory:kv/orders#password', { signal });
  expect(password.reveal()).toBe('one');
  expect(password.version).toBe('1');
  memory.put('kv/orders', { username: 'u', password: 'two' });
  await waitFor(() => password.reveal() === 'two', { what: 'the change' });
  expect(password.version).toBe('2');
});

test('a lease is renewed, and replaced when it goes on no longer', async () => {
  const memory = createMemorySecrets();
  memory.put('database', (number) => ({ username: `u${number}`, password: 'p' }), {
    durationMs: 3_600_000,
    renewals: 2,
  });
  const clock = createManualClock();
  const logger = collectLogger();
  const secrets = await memory.store.open({}, { logger, service, clock });
  const pair = await secrets.read('memory:database', { signal });
  await clock.advance(3 * 3_600_000);
  expect(memory.calls).toEqual([
    'read database',
    'renew lease-1',
    'renew lease-1',
    'renew lease-1',
    'read database',
    'renew lease-2',
  ]);
  expect(pair.reveal()).toEqual({ username: 'u2', password: 'p' });
  await secrets[Symbol.asyncDispose]();
  expect(memory.calls.slice(6)).toEqual(['revoke lease-2']);
  expect(clock.waiting).toBe(0);
});
