import { inspect } from 'node:util';
import type { SecretValue } from '@org/config';
import { waitFor } from '@org/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { openMemory } from '../test-fixtures/open-memory.ts';
import type { StoredSecret } from './index.ts';

const password = 'hunter2';

describe('reading', () => {
  test('asks the store once, however many read at once and later', async () => {
    await using opened = await openMemory();
    const { memory, read } = opened;
    memory.put('orders', { username: 'u', password });
    const references = ['memory:orders', 'memory:orders#username', 'memory:orders#password'];
    const all = [...references, ...references, ...references].map(read);
    for (const secret of await Promise.all(all)) expect(secret.reveal()).toBeDefined();
    await read('memory:orders#password');
    expect(memory.calls).toEqual(['read orders']);
  });

  test('gives a secret with its version and lease, which are those of the value in force', async () => {
    await using opened = await openMemory();
    const { clock, memory, read } = opened;
    memory.put('database', (number) => ({ username: `u${number}`, password }), { durationMs: 60_000 });
    const secret = await read('memory:database#username');
    expectTypeOf(secret).toEqualTypeOf<StoredSecret>();
    expect([secret.reveal(), secret.version, secret.lease]).toEqual([
      'u1',
      '1',
      { endsAt: new Date(clock.now() + 60_000), renewable: false },
    ]);
    await clock.advance(45_000);
    expect([secret.reveal(), secret.version]).toEqual(['u2', '2']);
    memory.put('plain', password);
    expect((await read('memory:plain')).lease).toBeUndefined();
  });

  test('shows nothing of a secret, its store included', async () => {
    await using opened = await openMemory();
    const { memory, read, secrets } = opened;
    memory.put('orders', { username: 'u', password });
    const secret = await read('memory:orders');
    const shown = [secret, { ...secret }, secrets, structuredClone({ secret }), JSON.stringify(secret)];
    expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain(password);
    expect(`${secret.toString()}`).toBe('[secret]');
  });

  test('gives values that nobody can change for the others', async () => {
    await using opened = await openMemory();
    opened.memory.put('orders', { username: 'u', password });
    const value = (await opened.read('memory:orders')).reveal() as Record<string, string>;
    expect(() => (value.password = 'other')).toThrow(TypeError);
  });

  test.each([
    ['memory:orders#other', 'SECRET_KEY_MISSING', /it has no `other`/],
    ['memory:orders#toString', 'SECRET_KEY_MISSING', /it has no `toString`/],
    ['memory:orders#__proto__', 'SECRET_KEY_MISSING', /it has no `__proto__`/],
    ['memory:text#key', 'SECRET_KEY_MISSING', /one text without keys/],
    ['memory:orders#empty', 'SECRET_UNUSABLE', /is empty at `empty`/],
    ['memory:nothing', 'SECRET_UNUSABLE', /it is empty/],
    ['memory:gone', 'SECRET_MISSING', /there is no such secret/],
    ['vault:orders', 'SECRET_REFERENCE_INVALID', /expected a reference such as `memory:path#key`/],
    ['hunter2', 'SECRET_REFERENCE_INVALID', /got something else/],
  ])('refuses %s', async (reference, reason, message) => {
    await using opened = await openMemory();
    opened.memory.put('orders', { username: 'u', password, empty: '' });
    opened.memory.put('text', password);
    opened.memory.put('nothing', {});
    const error: unknown = await opened.read(reference).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason, message: expect.stringMatching(message) });
    expect(inspect(error, { depth: 9 })).not.toContain(password);
  });

  test.each<[string, SecretValue]>([
    ['too many characters', 'x'.repeat(1_048_577)],
    ['too many characters together', { a: 'x'.repeat(600_000), b: 'x'.repeat(600_000) }],
    ['too many keys', Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`k${index}`, 'x']))],
    ['a number', { port: 5432 } as never],
    ['nothing at all', null as never],
  ])('refuses what no secret is: %s', async (_, value) => {
    await using opened = await openMemory();
    opened.memory.put('orders', value);
    await expect(opened.read('memory:orders')).rejects.toMatchObject({ reason: 'SECRET_UNUSABLE' });
  });

  test('follows a thousand paths, and no more', async () => {
    await using opened = await openMemory();
    const { memory, read } = opened;
    for (let index = 0; index <= 1_000; index += 1) memory.put(`p${index}`, 'x');
    for (let index = 0; index < 1_000; index += 1) await read(`memory:p${index}`);
    await expect(read('memory:p1000')).rejects.toMatchObject({
      code: 'resource_exhausted',
      reason: 'SECRETS_TOO_MANY',
    });
    expect((await read('memory:p7')).reveal()).toBe('x');
  });

  test('ends for one who waits no longer, and goes on for another', async () => {
    await using opened = await openMemory();
    const { memory, read, secrets } = opened;
    memory.put('orders', password);
    memory.hang();
    const controller = new AbortController();
    const first = secrets.read('memory:orders', controller);
    const second = read('memory:orders');
    controller.abort(new DOMException('over', 'TimeoutError'));
    await expect(first).rejects.toMatchObject({ name: 'TimeoutError' });
    await secrets[Symbol.asyncDispose]();
    await expect(second).rejects.toMatchObject({ reason: 'SECRETS_CLOSED' });
  });
});

describe('a change', () => {
  test('that comes while the first value is read is not missed', async () => {
    await using opened = await openMemory();
    const { memory, read } = opened;
    memory.put('orders', 'one');
    const reading = read('memory:orders');
    memory.touch('orders');
    memory.put('orders', 'two');
    const secret = await reading;
    await waitFor(() => secret.reveal() === 'two', { what: 'the change' });
  });

  test('that is told of again and again is read one at a time', async () => {
    await using opened = await openMemory();
    const { clock, memory, read } = opened;
    memory.put('orders', 'one');
    await read('memory:orders');
    for (let count = 0; count < 100; count += 1) memory.touch('orders');
    await clock.advance(0);
    // The one that was being read, and one for all that came meanwhile.
    expect(memory.calls).toEqual(['read orders', 'read orders', 'read orders']);
    expect(clock.waiting).toBe(1);
  });

  test('is seen by all listeners although one of them throws, whose words are not repeated', async () => {
    await using opened = await openMemory();
    const { clock, memory, messages, logger, read } = opened;
    memory.put('orders', { username: 'u', password: 'one' });
    const secret = await read('memory:orders#password');
    const seen: unknown[] = [];
    secret.onChange((value) => {
      throw new Error(`cannot connect with ${value as string}`);
    });
    secret.onChange((value) => seen.push(value));
    memory.put('orders', { username: 'u', password });
    await clock.advance(0);
    expect(seen).toEqual([password]);
    expect(messages('error')).toEqual(['Listeners of memory:orders failed at its new value']);
    expect(inspect(logger.lines, { depth: 9 })).not.toContain(password);
  });
});

describe('watching', () => {
  test('gives the last of the changes that came while its taker was busy, and ends when the store is closed', async () => {
    await using opened = await openMemory();
    const { clock, memory, secrets, signal } = opened;
    memory.put('orders', '0');
    const watching = secrets.watch('memory:orders', { signal });
    const next = async () => (await watching.next()).value?.reveal();
    expect(await next()).toBe('0');
    for (const value of ['1', '2', '3']) memory.put('orders', value);
    await clock.advance(0);
    expect(await next()).toBe('3');
    const waiting = watching.next();
    await secrets[Symbol.asyncDispose]();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await secrets.watch('memory:orders', { signal }).next()).toEqual({ done: true, value: undefined });
  });

  test('fails as reading does', async () => {
    await using opened = await openMemory();
    const { secrets, signal } = opened;
    await expect(secrets.watch('memory:gone', { signal }).next()).rejects.toMatchObject({ reason: 'SECRET_MISSING' });
  });
});

describe('an operator', () => {
  test('sees which secrets are in force, and nothing of their values', async () => {
    await using opened = await openMemory();
    const { clock, memory, read, secrets } = opened;
    memory.put('orders', { username: 'u', password });
    memory.put('database', () => ({ username: 'u', password }), { durationMs: 3_600_000, renewals: 1 });
    await read('memory:orders');
    await read('memory:database');
    await clock.advance(60_000);
    memory.remove('orders');
    await clock.advance(30_000);
    const [handler] = secrets.ops!;
    expect([handler!.method, handler!.path, handler!.access]).toEqual(['GET', '/secrets/memory', undefined]);
    const { body } = await handler!.handle({} as never);
    expect(body).toEqual({
      location: 'the memory of a test',
      secrets: [
        {
          secret: 'memory:orders',
          version: '1',
          confirmedAt: '2026-01-01T00:00:00.000Z',
          ageSeconds: 90,
          failing: {
            since: '2026-01-01T00:01:00.000Z',
            code: 'not_found',
            reason: 'Cannot read `orders` in memory: there is no such secret. Put it there',
          },
        },
        {
          secret: 'memory:database',
          version: '1',
          confirmedAt: '2026-01-01T00:00:00.000Z',
          ageSeconds: 90,
          lease: { endsAt: '2026-01-01T01:00:00.000Z', renewable: true },
        },
      ],
    });
    expect(JSON.stringify(body)).not.toContain(password);
  });
});
