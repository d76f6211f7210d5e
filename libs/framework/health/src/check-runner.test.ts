import { createCall, currentCall, runInCall } from '@org/context';
import { ServiceError } from '@org/errors';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCheckRunner } from './check-runner.ts';
import type { Check, CheckResult } from './types.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function runnerOf(check: Check['check'], rest: Partial<Check> = {}, { timeoutMs = 900, cacheMs = 1_000 } = {}) {
  const told: CheckResult[] = [];
  const onResult = (result: CheckResult) => void told.push(result);
  const runner = createCheckRunner({ name: 'database', check, ...rest }, { timeoutMs, cacheMs, onResult });
  return { runner, told };
}

describe('a check', () => {
  test('that resolves is ok, with its kind and how long it took', async () => {
    const { runner, told } = runnerOf(() => new Promise((resolve) => setTimeout(resolve, 250)), { kind: 'datastore' });
    expect(runner.last).toBeUndefined();
    const result = runner.result();
    await vi.advanceTimersByTimeAsync(250);
    expect(await result).toEqual({ status: 'ok', kind: 'datastore', durationMs: 250 });
    expect(runner.last).toBe(await result);
    expect(told).toEqual([await result]);
  });

  test.each([
    [undefined, 'failed'],
    [true, 'failed'],
    [false, 'degraded'],
  ])('that rejects, with critical %s, is %s', async (critical, status) => {
    const down = new ServiceError('unavailable', 'The database is away');
    const { runner } = runnerOf(() => Promise.reject(down), { critical });
    expect(await runner.result()).toMatchObject({ status, reason: 'The database is away' });
  });

  test('that throws at once has failed', async () => {
    const { runner } = runnerOf(() => {
      throw new TypeError('x is undefined');
    });
    expect(await runner.result()).toMatchObject({ status: 'failed', reason: 'TypeError' });
  });

  test('keeps its `this`', async () => {
    const check = { name: 'pool', healthy: true, check: async () => undefined };
    check.check = async function (this: typeof check) {
      if (!this.healthy) throw new Error('no');
    };
    const runner = createCheckRunner(check, { timeoutMs: 10, cacheMs: 0, onResult: () => undefined });
    expect(await runner.result()).toMatchObject({ status: 'ok' });
  });

  test('is run outside of the call of whoever asks', async () => {
    const seen: unknown[] = [];
    const { runner } = runnerOf(async () => void seen.push(currentCall()));
    using call = createCall();
    await runInCall(call, () => runner.result());
    expect(seen).toEqual([undefined]);
  });
});

describe('a result', () => {
  test('is shared by all who ask at the same time', async () => {
    const answer = Promise.withResolvers<void>();
    const check = vi.fn(() => answer.promise);
    const { runner } = runnerOf(check);
    const asked = Array.from({ length: 1_000 }, () => runner.result());
    answer.resolve();
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(check).toHaveBeenCalledTimes(1);
  });

  test.each(['resolves', 'rejects'])('of a check that %s is shared until it is too old', async (how) => {
    const check = vi.fn(() => (how === 'resolves' ? Promise.resolve() : Promise.reject(new Error('down'))));
    const { runner } = runnerOf(check);
    const first = await runner.result();
    vi.advanceTimersByTime(999);
    expect(await runner.result()).toBe(first);
    expect(check).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(await runner.result()).not.toBe(first);
    expect(check).toHaveBeenCalledTimes(2);
  });

  test('is not kept without a cache, and still shared while it runs', async () => {
    const check = vi.fn(() => Promise.resolve());
    const { runner } = runnerOf(check, {}, { cacheMs: 0 });
    await Promise.all([runner.result(), runner.result()]);
    await runner.result();
    expect(check).toHaveBeenCalledTimes(2);
  });
});

describe('a check that hangs', () => {
  const never = () => new Promise<void>(() => undefined);

  test('has failed when its time is over, which its signal tells it', async () => {
    let given: AbortSignal | undefined;
    const { runner, told } = runnerOf((signal) => {
      given = signal;
      return never();
    });
    const result = runner.result();
    await vi.advanceTimersByTimeAsync(899);
    expect(given?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await result).toEqual({ status: 'failed', durationMs: 900, reason: 'no answer within 900 ms' });
    expect(given?.reason).toMatchObject({ code: 'deadline_exceeded' });
    expect(told).toEqual([await result]);
  });

  test('is not run again while it hangs, and its reason says so', async () => {
    const check = vi.fn(never);
    const { runner } = runnerOf(check);
    void runner.result();
    await vi.advanceTimersByTimeAsync(900);
    await vi.advanceTimersByTimeAsync(11_100);
    expect(await runner.result()).toEqual({
      status: 'failed',
      durationMs: 12_000,
      reason: 'no answer for 12 s; it runs again when the run that hangs has ended',
    });
    expect(check).toHaveBeenCalledTimes(1);
  });

  test('runs again once it has ended, whose late result nobody hears', async () => {
    const late = Promise.withResolvers<void>();
    const check = vi.fn(() => Promise.resolve()).mockImplementationOnce(() => late.promise);
    const { runner, told } = runnerOf(check);
    void runner.result();
    await vi.advanceTimersByTimeAsync(2_000);
    late.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toMatchObject([{ status: 'failed' }]);
    expect(await runner.result()).toMatchObject({ status: 'ok' });
    expect(check).toHaveBeenCalledTimes(2);
  });

  test('keeps the reason of the time-out when it rejects because of its signal', async () => {
    const { runner } = runnerOf(
      (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted', { cause: 0 })))),
    );
    const result = runner.result();
    await vi.advanceTimersByTimeAsync(900);
    expect(await result).toMatchObject({ reason: 'no answer within 900 ms' });
  });
});

describe('stop', () => {
  test('aborts the run under way, ends whoever waits for it, and tells nobody', async () => {
    let given: AbortSignal | undefined;
    const { runner, told } = runnerOf((signal) => {
      given = signal;
      return new Promise(() => undefined);
    });
    const result = runner.result();
    await vi.advanceTimersByTimeAsync(100);
    runner.stop();
    runner.stop();
    expect(await result).toMatchObject({ status: 'failed', durationMs: 100 });
    expect(given?.reason).toMatchObject({ code: 'cancelled' });
    expect(told).toEqual([]);
  });
});
