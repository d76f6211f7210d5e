import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { refreshAfterMs, renewAfterMs, retryAfterMs } from './schedule.ts';

describe('the clock of the system', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('waits for longer than a timer of Node can', () => {
    const work = vi.fn();
    const month = 30 * 24 * 3_600_000;
    systemClock.after(month, work);
    vi.advanceTimersByTime(month - 1);
    expect(work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(work).toHaveBeenCalledOnce();
  });

  test('calls off, also after the first of several waits', () => {
    const work = vi.fn();
    const cancel = systemClock.after(5_000_000_000, work);
    vi.advanceTimersByTime(3_000_000_000);
    cancel();
    vi.advanceTimersByTime(3_000_000_000);
    expect([work.mock.calls, vi.getTimerCount()]).toEqual([[], 0]);
  });
});

test('the clock of the system tells the time since the epoch', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
});

describe.each([0, 0.5, 0.999])('with chance %d', (chance) => {
  const random = () => chance;

  test('a lease is renewed between 0.56 and two thirds of its term', () => {
    const ms = renewAfterMs(1_000_000, { random });
    expect(ms).toBeGreaterThanOrEqual(566_000);
    expect(ms).toBeLessThan(666_667);
  });

  test('a value is read again between nine tenths of its age and all of it', () => {
    const ms = refreshAfterMs(300_000, { random });
    expect(ms).toBeGreaterThanOrEqual(270_000);
    expect(ms).toBeLessThanOrEqual(300_000);
  });

  test('what failed is tried again after one second, then later and later, within a minute', () => {
    const waits = [1, 2, 3, 7, 50, 5_000].map((failures) => retryAfterMs(failures, { random }));
    expect(waits[0]).toBeLessThanOrEqual(1_000);
    expect(waits).toEqual(waits.toSorted((one, other) => one - other));
    expect(waits.at(-1)).toBeLessThanOrEqual(60_000);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(30_000);
  });
});
