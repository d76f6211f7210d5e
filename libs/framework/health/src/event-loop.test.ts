import { waitFor } from '@org/testing';
import { describe, expect, test, vi } from 'vitest';
import { watchEventLoop } from './event-loop.ts';

/** Blocks the thread, and with it the event loop. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

// Long enough that a machine which is busy with something else does not stall by itself.
const limitMs = 400;

describe('an event loop that is really blocked', () => {
  test('has stalled for whoever asks first, and recovers by itself', async () => {
    const changes: (number | undefined)[] = [];
    using watch = watchEventLoop(limitMs, (stalledMs) => changes.push(stalledMs));
    expect(watch.stalledMs()).toBeUndefined();
    block(600);
    expect(watch.stalledMs()).toBeGreaterThan(limitMs);
    await waitFor(() => watch.stalledMs() === undefined, { what: 'the stall to be forgotten' });
    expect(changes).toEqual([expect.any(Number), undefined]);
  });

  test('is found and forgotten by the heartbeat alone', async () => {
    const changes: (number | undefined)[] = [];
    using _ = watchEventLoop(limitMs, (stalledMs) => changes.push(stalledMs));
    block(600);
    await waitFor(() => changes.length === 2, { what: 'both changes' });
    expect(changes).toEqual([expect.any(Number), undefined]);
  });

  test('counts when it is so busy that timers come late', async () => {
    using watch = watchEventLoop(limitMs, () => undefined);
    // All microtasks are done before the next timer, so many short ones hold it up as one long task does.
    const end = performance.now() + 600;
    while (performance.now() < end) await Promise.resolve();
    expect(watch.stalledMs()).toBeGreaterThan(limitMs);
  });

  test('does not count below the limit', () => {
    const onChange = vi.fn();
    using watch = watchEventLoop(5_000, onChange);
    block(100);
    expect(watch.stalledMs()).toBeUndefined();
    expect(onChange).not.toHaveBeenCalled();
  });
});

test('the watch ends with its disposal', () => {
  vi.useFakeTimers();
  const watch = watchEventLoop(10_000, () => undefined);
  expect(vi.getTimerCount()).toBe(1);
  watch[Symbol.dispose]();
  watch[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
