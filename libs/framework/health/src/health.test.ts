import { ServiceError } from '@org/errors';
import type { Logger } from '@org/logging';
import { collectLogger, waitFor } from '@org/testing';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { createHealth } from './health.ts';
import type { Check, CheckResult } from './types.ts';

function makeHealth({ timeoutMs = 900, cacheMs = 1_000, stallMs = 10_000 } = {}) {
  const logger = collectLogger();
  expectTypeOf(logger).toExtend<Logger>();
  return Object.assign(createHealth({ timeoutMs, cacheMs, stallMs }, { logger }), { logger });
}

const works = (name: string, rest: Partial<Check> = {}): Check => ({ name, check: async () => undefined, ...rest });
const fails = (name: string, rest: Partial<Check> = {}): Check => ({
  name,
  check: () => Promise.reject(new ServiceError('unavailable', `${name} is away`)),
  ...rest,
});

describe('start-up', () => {
  test('names what it waits for, until the service has started', async () => {
    await using health = makeHealth();
    expect(health.startup()).toEqual({ status: 'failed', reason: 'starting', checks: {} });
    health.waitingFor('database');
    expect(health.startup()).toMatchObject({ status: 'failed', reason: 'waiting for database' });
    health.waitingFor(undefined);
    expect(health.startup()).toMatchObject({ status: 'failed', reason: 'starting' });
    health.started();
    health.waitingFor('nothing any more');
    expect(health.startup()).toEqual({ status: 'ok', checks: {} });
  });

  test('stays ok when the service stops', async () => {
    await using health = makeHealth();
    health.started();
    health.stopping('SIGTERM');
    expect(health.startup()).toMatchObject({ status: 'ok' });
  });
});

describe('readiness', () => {
  test('is ok without any check', async () => {
    await using health = makeHealth();
    health.started();
    expect(await health.readiness()).toEqual({ status: 'ok', checks: {} });
  });

  test('has failed before the service has started, without running a check', async () => {
    await using health = makeHealth();
    const check = vi.fn(async () => undefined);
    health.add({ name: 'database', check });
    health.waitingFor('broker');
    expect(await health.readiness()).toEqual({ status: 'failed', reason: 'waiting for broker', checks: {} });
    expect(check).not.toHaveBeenCalled();
  });

  test.each<[string, Check[], string]>([
    ['all work', [works('a'), works('b')], 'ok'],
    ['one that is not critical fails', [works('a'), fails('b', { critical: false })], 'degraded'],
    ['a critical one fails', [works('a'), fails('b')], 'failed'],
    ['both fail', [fails('a', { critical: false }), fails('b', { critical: true })], 'failed'],
  ])('when %s of its checks, is as bad as the worst', async (_, checks, status) => {
    await using health = makeHealth();
    for (const check of checks) health.add(check);
    health.started();
    const report = await health.readiness();
    expect(report.status).toBe(status);
    expect(report).not.toHaveProperty('reason');
    expect(Object.keys(report.checks)).toEqual(['a', 'b']);
  });

  test.each(['datastore', 'messaging', 'cloud', 'secrets'] as const)('reports a check of the kind %s', async (kind) => {
    await using health = makeHealth();
    health.add(fails('dependency', { kind }));
    health.started();
    expect((await health.readiness()).checks).toEqual({
      dependency: { status: 'failed', kind, durationMs: expect.any(Number), reason: 'dependency is away' },
    });
  });

  test('runs its checks side by side, and ends within the time-out of one', async () => {
    await using health = makeHealth({ timeoutMs: 200 });
    for (const name of ['a', 'b', 'c', 'd']) health.add(works(name, { check: () => new Promise(() => undefined) }));
    health.started();
    const start = performance.now();
    expect(await health.readiness()).toMatchObject({ status: 'failed', checks: { d: { status: 'failed' } } });
    expect(performance.now() - start).toBeLessThan(700);
  });

  test('costs one run of each check for a thousand probes', async () => {
    await using health = makeHealth({ cacheMs: 60_000 });
    const check = vi.fn(async () => undefined);
    health.add({ name: 'database', check });
    health.started();
    await Promise.all(Array.from({ length: 500 }, () => health.readiness()));
    for (let probe = 0; probe < 500; probe += 1) await health.readiness();
    expect(check).toHaveBeenCalledTimes(1);
  });

  test('has failed at once when the service stops, with the last results and the first reason', async () => {
    await using health = makeHealth({ cacheMs: 0 });
    const check = vi.fn(async () => undefined);
    health.add({ name: 'database', check });
    health.started();
    await health.readiness();
    health.stopping('SIGTERM');
    health.stopping('again');
    expect(await health.readiness()).toEqual({
      status: 'failed',
      reason: 'stopping: SIGTERM',
      checks: { database: { status: 'ok', durationMs: expect.any(Number) } },
    });
    expect(check).toHaveBeenCalledTimes(1);
  });

  test('has failed when the stop begins while its checks run', async () => {
    await using health = makeHealth();
    const answer = Promise.withResolvers<void>();
    health.add(works('database', { check: () => answer.promise }));
    health.started();
    const report = health.readiness();
    health.stopping('SIGTERM');
    answer.resolve();
    expect(await report).toMatchObject({ status: 'failed', reason: 'stopping: SIGTERM' });
  });
});

describe('a change', () => {
  test('is kept with its reason and logged once', async () => {
    await using health = makeHealth({ cacheMs: 0 });
    let down = false;
    const check = () => (down ? Promise.reject(new Error('postgres://u:hunter2@db')) : Promise.resolve());
    health.add({ name: 'database', kind: 'datastore', check });
    health.started();
    await health.readiness();
    await health.readiness();
    down = true;
    await health.readiness();
    await health.readiness();
    down = false;
    await health.readiness();
    expect(health.changes()).toMatchObject([
      { check: 'database', from: 'failed', to: 'ok' },
      { check: 'database', from: 'ok', to: 'failed', reason: 'Error' },
      { check: 'database', from: 'unknown', to: 'ok' },
    ]);
    expect(health.logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn The check database failed: Error',
      'info The check database is ok again',
    ]);
    expect(JSON.stringify([health.changes(), health.logger.lines, await health.readiness()])).not.toContain('hunter2');
  });
});

describe('add', () => {
  test.each(['', 'a b', 'a/b', '-a', '.', '__proto__', 'ä', 'x'.repeat(64)])('refuses the name %o', async (name) => {
    await using health = makeHealth();
    expect(() => health.add(works(name))).toThrow(TypeError);
  });

  test.each(['database', 'event-loop'])('refuses the name %o when it is taken', async (name) => {
    await using health = makeHealth();
    health.add(works('database'));
    expect(() => health.add(works(name))).toThrow(
      new TypeError(`Expected \`name\` of a check to be unused, got \`${name}\``),
    );
  });

  test('returns what ends it, once', async () => {
    await using health = makeHealth({ cacheMs: 0 });
    const remove = health.add(fails('database'));
    health.started();
    expect(await health.readiness()).toMatchObject({ status: 'failed' });
    remove();
    expect(await health.readiness()).toEqual({ status: 'ok', checks: {} });
    health.add(works('database'));
    remove();
    expect((await health.readiness()).checks).toHaveProperty('database');
  });

  test('a check that is removed while it runs is not in the report, and tells nobody', async () => {
    await using health = makeHealth();
    let given: AbortSignal | undefined;
    const remove = health.add({
      name: 'slow',
      check: (signal) => {
        given = signal;
        return new Promise(() => undefined);
      },
    });
    health.add(works('database'));
    health.started();
    const report = health.readiness();
    remove();
    expect(await report).toMatchObject({ status: 'ok' });
    expect(Object.keys((await report).checks)).toEqual(['database']);
    expect(given?.aborted).toBe(true);
    expect(health.changes().some(({ check }) => check === 'slow')).toBe(false);
  });
});

describe('liveness', () => {
  test('never looks at a check', async () => {
    await using health = makeHealth();
    const check = vi.fn<Check['check']>(() => Promise.reject(new Error('down')));
    health.add({ name: 'database', check });
    expect(health.liveness()).toEqual({ status: 'ok', checks: {} });
    health.started();
    health.stopping('SIGTERM');
    expect(health.liveness()).toEqual({ status: 'ok', checks: {} });
    expect(check).not.toHaveBeenCalled();
  });

  test('fails after the event loop was blocked for too long, and recovers by itself', async () => {
    await using health = makeHealth({ stallMs: 400 });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    expect(health.liveness()).toEqual({
      status: 'failed',
      reason: expect.stringMatching(/^the event loop stalled for \d+\.\d s$/),
      checks: {},
    });
    await waitFor(() => health.liveness().status === 'ok', { what: 'liveness to recover' });
    expect(health.changes()).toMatchObject([
      { check: 'event-loop', from: 'failed', to: 'ok' },
      { check: 'event-loop', to: 'failed', reason: expect.stringMatching(/^stalled for \d+\.\d s$/) },
    ]);
    expect(health.logger.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });
});

describe('disposal', () => {
  test('ends timers and runs, and may be done twice', async () => {
    vi.useFakeTimers();
    const health = makeHealth();
    const signals: AbortSignal[] = [];
    health.add(works('hangs', { check: (signal) => (signals.push(signal), new Promise(() => undefined)) }));
    health.started();
    const report = health.readiness();
    await health[Symbol.asyncDispose]();
    await health[Symbol.asyncDispose]();
    expect(await report).toMatchObject({ status: 'failed', reason: 'stopped' });
    expect(signals[0]?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

test('a result is what the types say', async () => {
  await using health = makeHealth();
  expectTypeOf(await health.readiness())
    .toHaveProperty('checks')
    .toEqualTypeOf<Readonly<Record<string, CheckResult>>>();
});
