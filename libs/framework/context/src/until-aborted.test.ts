import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pause, untilAborted } from './until-aborted.ts';

const gone = new Error('the client is gone');

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

describe('work until a signal aborts', () => {
  const { signal } = new AbortController();
  afterEach(() => expect(listenersOf(signal)).toBe(0));

  test.each([
    ['what it gives', () => 1],
    ['what it resolves with', async () => 1],
  ])('gives %s', async (_, work) => {
    expect(await untilAborted(signal, work)).toBe(1);
  });

  test.each([
    [
      'throws',
      () => {
        throw gone;
      },
    ],
    ['rejects with', () => Promise.reject(gone)],
  ])('rejects with what it %s', async (_, work) => {
    await expect(untilAborted(signal, work)).rejects.toBe(gone);
  });

  test('rejects with the reason of the signal, whether or not the work ever ends', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(controller.signal, () => new Promise(() => undefined));
    expect(listenersOf(controller.signal)).toBe(1);
    controller.abort(gone);
    await expect(waiting).rejects.toBe(gone);
    expect(listenersOf(controller.signal)).toBe(0);
  });

  test('lets go of what the work does afterwards', async () => {
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<void>();
    const waiting = untilAborted(controller.signal, () => promise);
    controller.abort(gone);
    reject(new Error('too late'));
    await expect(waiting).rejects.toBe(gone);
  });

  test('does not begin when the signal has aborted', async () => {
    const work = vi.fn();
    await expect(untilAborted(AbortSignal.abort(gone), work)).rejects.toBe(gone);
    expect(work).not.toHaveBeenCalled();
  });
});

describe('a pause', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test('lasts as long as it is told to', async () => {
    const { signal } = new AbortController();
    const ended = vi.fn();
    const pausing = pause(100, signal).then(ended);
    await vi.advanceTimersByTimeAsync(99);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await pausing;
    expect(listenersOf(signal)).toBe(0);
  });

  test('ends as soon as the signal aborts', async () => {
    const controller = new AbortController();
    const pausing = pause(100, controller.signal);
    controller.abort(gone);
    await pausing;
    expect(listenersOf(controller.signal)).toBe(0);
  });

  test('is none when the signal has aborted', async () => {
    await pause(100, AbortSignal.abort(gone));
  });
});
