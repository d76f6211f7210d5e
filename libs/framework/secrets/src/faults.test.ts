import { inspect } from 'node:util';
import { ServiceError } from '@org/errors';
import { waitFor } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { openMemory } from '../test-fixtures/open-memory.ts';

const password = 'hunter2';
const hour = 3_600_000;
const away = new ServiceError('unavailable', 'Cannot read `x` at memory: nobody answers');

describe('a store that', () => {
  test('is away at the start is asked again for twenty seconds, and told of once', async () => {
    await using opened = await openMemory();
    const { clock, memory, messages, read } = opened;
    memory.fail(away);
    const failing = read('memory:orders').catch((thrown: unknown) => thrown);
    await clock.advance(25_000);
    expect(await failing).toBe(away);
    expect(memory.calls.length).toBeGreaterThan(3);
    expect(memory.calls.length).toBeLessThan(10);
    expect(messages('warn')).toEqual([`${away.message}. It is tried again`]);
    expect(clock.waiting).toBe(0);
    memory.fail(undefined);
    memory.put('orders', password);
    expect((await read('memory:orders')).reveal()).toBe(password);
  });

  test.each(['not_found', 'permission_denied', 'unauthenticated', 'invalid_argument', 'internal'] as const)(
    'says %s is not asked again at the start',
    async (code) => {
      await using opened = await openMemory();
      const { memory, read } = opened;
      memory.fail(new ServiceError(code, 'Cannot read `orders`: no'));
      await expect(read('memory:orders')).rejects.toMatchObject({ code });
      expect(memory.calls).toHaveLength(1);
    },
  );

  test('does not answer in time is given up, and leaves nothing behind', async () => {
    await using opened = await openMemory({ timeoutMs: 50 });
    const { clock, memory, messages, read, secrets, signal } = opened;
    memory.put('orders', password);
    const secret = await read('memory:orders');
    memory.hang();
    memory.touch('orders');
    await waitFor(() => messages('error').length > 0, { what: 'the error' });
    expect(messages('error')).toEqual([
      'Cannot read `memory:orders` at the memory of a test: no answer within 50 ms. See how the store is, and the way to it. The last value stays in force',
    ]);
    expect(secret.reveal()).toBe(password);
    await expect(secrets.check(signal)).rejects.toMatchObject({
      reason: 'SECRETS_STALE',
      message: expect.stringContaining('1 of 1 secrets of memory: stay in force'),
    });
    memory.fail(undefined);
    await clock.advance(60_000);
    await secrets.check(signal);
  });

  test('throws what its provider did not foresee is reported by name alone', async () => {
    await using opened = await openMemory();
    const { clock, memory, logger, read } = opened;
    memory.put('orders', 'x');
    const secret = await read('memory:orders');
    const leaky = Object.assign(new TypeError(`refused token ${password}`), {
      config: { headers: { token: password } },
    });
    memory.fail(leaky);
    memory.touch('orders');
    await clock.advance(0);
    const error: unknown = await read('memory:other').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'internal',
      reason: 'SECRET_STORE_FAILED',
      message: expect.stringContaining('something unexpected went wrong in its provider (TypeError)'),
    });
    expect(inspect([error, logger.lines, secret], { depth: 9, showHidden: true })).not.toContain(password);
  });

  test('does not answer the check is degraded, though all values are fresh', async () => {
    await using opened = await openMemory();
    const { memory, read, secrets, signal } = opened;
    memory.put('orders', password);
    await read('memory:orders');
    await secrets.check(signal);
    memory.fail(away);
    await expect(secrets.check(signal)).rejects.toBe(away);
    memory.hang();
    await expect(secrets.check(AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect([secrets.kind, secrets.critical]).toEqual(['secrets', false]);
  });

  test('fails now in one way and now in another during an outage is told of once', async () => {
    await using opened = await openMemory();
    const { clock, memory, messages, read } = opened;
    memory.put('orders', password);
    await read('memory:orders');
    for (let count = 0; count < 20; count += 1) {
      memory.fail(count % 2 ? away : new ServiceError('deadline_exceeded', 'Cannot read `x`: no answer'));
      await clock.advance(300_000);
    }
    expect(messages('error')).toHaveLength(1);
    memory.fail(new ServiceError('permission_denied', 'Cannot read `x`: no policy'));
    await clock.advance(300_000);
    expect(messages('error')).toHaveLength(2);
  });
});

describe('leases', () => {
  test('are renewed for as long as it goes, and replaced before they end', async () => {
    await using opened = await openMemory();
    const { clock, memory, read } = opened;
    memory.put('database', (number) => `u${number}`, { durationMs: hour, renewals: 2 });
    const secret = await read('memory:database');
    await clock.advance(2.1 * hour);
    expect(memory.calls).toEqual(['read database', 'renew lease-1', 'renew lease-1', 'renew lease-1', 'read database']);
    expect(secret.reveal()).toBe('u2');
    // The old one is left to whoever still has it.
    expect(memory.running()).toEqual(['lease-1', 'lease-2']);
  });

  test('that the store grants for less and less are replaced while both are taken', async () => {
    await using opened = await openMemory();
    const { clock, memory, read } = opened;
    memory.put('database', (number) => `u${number}`, { durationMs: hour, renewals: 10, longestMs: 1.5 * hour });
    const secret = await read('memory:database');
    await clock.advance(1.3 * hour);
    expect(memory.calls).toEqual(['read database', 'renew lease-1', 'renew lease-1', 'read database']);
    expect([secret.reveal(), memory.running()]).toEqual(['u2', ['lease-1', 'lease-2']]);
  });

  test('that run out while the store is away for an hour cost few calls, and are told of', async () => {
    await using opened = await openMemory();
    const { clock, memory, messages, read } = opened;
    memory.put('database', (number) => `u${number}`, { durationMs: 600_000, renewals: 100 });
    const secret = await read('memory:database');
    memory.fail(away);
    await clock.advance(hour);
    expect(memory.calls.length).toBeLessThan(80);
    expect(messages('error')).toEqual([
      `${away.message}. The last value stays in force`,
      'The lease of memory:database has ended, and there is no other value: it may be refused now',
    ]);
    expect([secret.reveal(), memory.running()]).toEqual(['u1', []]);
    memory.fail(undefined);
    await clock.advance(61_000);
    expect([secret.reveal(), memory.running()]).toEqual(['u2', ['lease-2']]);
    expect(messages('info').at(-1)).toMatch(/^memory:database is read again, after 3\d{3} s$/);
  });

  test('of a month do not make a storm of renewals', async () => {
    await using opened = await openMemory();
    const { clock, memory, read } = opened;
    memory.put('database', 'x', { durationMs: 768 * hour, renewals: 10 });
    await read('memory:database');
    await clock.advance(500 * hour);
    expect(memory.calls).toEqual(['read database']);
    await clock.advance(20 * hour);
    expect(memory.calls).toEqual(['read database', 'renew lease-1']);
  });

  test('of no time at all are asked for once a second at most', async () => {
    await using opened = await openMemory();
    const { clock, memory, read } = opened;
    memory.put('database', 'x', { durationMs: 0 });
    await read('memory:database');
    await clock.advance(10_000);
    expect(memory.calls.length).toBeLessThanOrEqual(11);
  });

  test('are given back when the store is closed, those of replaced values too', async () => {
    const { clock, memory, read, secrets } = await openMemory();
    memory.put('database', (number) => `u${number}`, { durationMs: hour });
    memory.put('broker', (number) => `u${number}`, { durationMs: hour });
    await read('memory:database');
    await read('memory:broker');
    await clock.advance(0.7 * hour);
    expect(memory.running()).toHaveLength(4);
    await secrets[Symbol.asyncDispose]();
    expect(memory.running()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  test('that cannot be given back do not hold up the close', async () => {
    const { memory, messages, read, secrets } = await openMemory({ timeoutMs: 50 });
    memory.put('database', 'x', { durationMs: hour });
    await read('memory:database');
    memory.hang();
    await secrets[Symbol.asyncDispose]();
    expect(messages('warn')).toEqual([
      expect.stringMatching(/^Leases were not given back, and run out by themselves: .*no answer within 50 ms/),
    ]);
  });

  test('of what is refused for want of a key are given back at once', async () => {
    await using opened = await openMemory();
    const { clock, memory, read } = opened;
    memory.put('database', (number): Record<string, string> => (number === 1 ? { a: 'x' } : {}), { durationMs: hour });
    const secret = await read('memory:database#a');
    await clock.advance(0.7 * hour);
    expect(memory.calls.slice(0, 3)).toEqual(['read database', 'read database', 'revoke lease-2']);
    expect([secret.reveal(), memory.running()]).toEqual(['x', ['lease-1']]);
  });
});
