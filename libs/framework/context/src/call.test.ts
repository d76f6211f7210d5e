import { getEventListeners } from 'node:events';
import { ServiceError } from '@org/errors';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCall, remainingMs, type Identity } from './call.ts';

const identity: Identity = { subject: 'u1', scopes: ['orders:read'], claims: {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a call', () => {
  test('has a random request id, no deadline and no identity unless they are given', () => {
    using call = createCall();
    using other = createCall();
    expect(call.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.requestId).not.toBe(call.requestId);
    expect(call).toMatchObject({ deadline: undefined, identity: undefined });
    expect(call.signal.aborted).toBe(false);
    expect(remainingMs(call)).toBeUndefined();
  });

  test('carries what it is given', () => {
    using call = createCall({ requestId: 'r1', identity, timeoutMs: 500 });
    expect(call).toMatchObject({ requestId: 'r1', identity, deadline: performance.now() + 500 });
  });

  test('has a signal of its own, so that what listens to it goes with it', () => {
    using call = createCall();
    using other = createCall();
    expect(call.signal).not.toBe(other.signal);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('refuses a time-out of %s ms', (timeoutMs) => {
    expect(() => createCall({ timeoutMs })).toThrow(RangeError);
    expect(() => createCall({ timeoutMs })).toThrow('Expected `timeoutMs` to be from 0 to 2147483647');
  });

  test('takes the longest time that a timer can wait', () => {
    using call = createCall({ timeoutMs: 2 ** 31 - 1 });
    vi.advanceTimersByTime(2 ** 31 - 2);
    expect(call.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(call.signal.aborted).toBe(true);
  });
});

describe('a deadline', () => {
  test('aborts the signal with a ServiceError when the time is over', () => {
    using call = createCall({ timeoutMs: 100 });
    vi.advanceTimersByTime(99);
    expect(call.signal.aborted).toBe(false);
    expect(remainingMs(call)).toBe(1);
    vi.advanceTimersByTime(1);
    expect(call.signal.reason).toBeInstanceOf(ServiceError);
    expect(call.signal.reason).toMatchObject({ code: 'deadline_exceeded', reason: 'DEADLINE_EXCEEDED' });
    vi.advanceTimersByTime(1_000);
    expect(remainingMs(call)).toBe(0);
  });

  test('of no time at all is over at once', () => {
    using call = createCall({ timeoutMs: 0 });
    expect(call.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
    expect(remainingMs(call)).toBe(0);
  });

  test('is told in whole milliseconds, rounded down', () => {
    using call = createCall({ timeoutMs: 10.9 });
    expect(remainingMs(call)).toBe(10);
  });

  test('is over when the call is disposed, and its signal stays as it is', () => {
    const call = createCall({ timeoutMs: 100 });
    call[Symbol.dispose]();
    call[Symbol.dispose]();
    vi.advanceTimersByTime(1_000);
    expect(call.signal.aborted).toBe(false);
  });
});

describe('a call on behalf of another', () => {
  test('has the request id, identity and deadline of its parent', () => {
    using parent = createCall({ requestId: 'r1', identity, timeoutMs: 100 });
    using child = createCall({ parent });
    expect(child).toMatchObject({ requestId: 'r1', identity, deadline: parent.deadline });
    vi.advanceTimersByTime(100);
    expect(child.signal.reason).toBe(parent.signal.reason);
  });

  test('can be given its own', () => {
    using parent = createCall({ requestId: 'r1', identity });
    const other = { ...identity, subject: 'u2' };
    using child = createCall({ parent, requestId: 'r2', identity: other });
    expect(child).toMatchObject({ requestId: 'r2', identity: other });
  });

  test.each([
    { parentMs: 100, childMs: 50, effectiveMs: 50 },
    { parentMs: 100, childMs: 100, effectiveMs: 100 },
    { parentMs: 100, childMs: 5_000, effectiveMs: 100 },
    { parentMs: 100, childMs: undefined, effectiveMs: 100 },
    { parentMs: undefined, childMs: 50, effectiveMs: 50 },
    { parentMs: 100, childMs: 0, effectiveMs: 0 },
    { parentMs: 0, childMs: 50, effectiveMs: 0 },
  ])('never has more time than its parent: %o', ({ parentMs, childMs, effectiveMs }) => {
    using parent = createCall({ timeoutMs: parentMs });
    using child = createCall({ parent, timeoutMs: childMs });
    expect(remainingMs(child)).toBe(effectiveMs);
    vi.advanceTimersByTime(Math.max(0, effectiveMs - 1));
    expect(child.signal.aborted).toBe(effectiveMs === 0);
    vi.advanceTimersByTime(1);
    expect(child.signal.aborted).toBe(true);
  });

  test('has less time with each generation', () => {
    using first = createCall({ timeoutMs: 100 });
    vi.advanceTimersByTime(30);
    using second = createCall({ parent: first, timeoutMs: 90 });
    using third = createCall({ parent: second, timeoutMs: 40 });
    expect([first, second, third].map(remainingMs)).toEqual([70, 70, 40]);
  });

  test('leaves its parent alone when its own time is over', () => {
    using parent = createCall({ timeoutMs: 100 });
    using child = createCall({ parent, timeoutMs: 10 });
    vi.advanceTimersByTime(10);
    expect(child.signal.aborted).toBe(true);
    expect(parent.signal.aborted).toBe(false);
  });
});

describe('the signal', () => {
  test('follows the one that it is given, with its reason', () => {
    const client = new AbortController();
    using call = createCall({ signal: client.signal, timeoutMs: 100 });
    const gone = new Error('the client is gone');
    client.abort(gone);
    expect(call.signal.reason).toBe(gone);
  });

  test('is aborted from the start when one that it follows is', () => {
    const gone = new Error('the client is gone');
    using call = createCall({ signal: AbortSignal.abort(gone), timeoutMs: 100 });
    expect(call.signal.reason).toBe(gone);
  });

  test('keeps the reason of what came first', () => {
    const client = new AbortController();
    using call = createCall({ signal: client.signal, timeoutMs: 100 });
    vi.advanceTimersByTime(100);
    client.abort(new Error('the client is gone'));
    expect(call.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
  });
});

describe('thousands of calls', () => {
  test('leave neither timers nor listeners behind when they are disposed', () => {
    const service = new AbortController();
    using parent = createCall({ signal: service.signal });
    for (let index = 0; index < 5_000; index += 1) {
      using call = createCall({ parent, signal: service.signal, timeoutMs: 60_000 });
      using child = createCall({ parent: call, timeoutMs: 1_000 });
      expect(child.signal.aborted).toBe(false);
    }
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
    expect(getEventListeners(service.signal, 'abort')).toHaveLength(1);
  });

  test('leave neither behind when their time is over or they are aborted', () => {
    const service = new AbortController();
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      createCall({ signal: service.signal, timeoutMs: index % 2 ? 100 : 60_000 }),
    );
    vi.advanceTimersByTime(100);
    expect(calls.filter(({ signal }) => signal.aborted)).toHaveLength(500);
    expect(getEventListeners(service.signal, 'abort')).toHaveLength(1);
    service.abort();
    expect(calls.every(({ signal }) => signal.aborted)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(service.signal, 'abort')).toHaveLength(0);
  });
});
