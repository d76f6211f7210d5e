import { expect, test } from 'vitest';
import { within } from './within.ts';

const never = new Promise<never>(() => {});

test('gives what the work gives', async () => {
  expect(await within(Promise.resolve(1), 1_000)).toEqual({ ended: true, value: 1 });
  await expect(within(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
});

test.each([0, -5, 10])('gives up after %s ms', async (timeoutMs) => {
  expect(await within(never, timeoutMs)).toEqual({ ended: false });
});

test.each([60_000, Infinity])('gives up within %s ms when the signal aborts or has aborted', async (timeoutMs) => {
  const stop = new AbortController();
  const waiting = within(never, timeoutMs, stop.signal);
  stop.abort();
  expect(await waiting).toEqual({ ended: false });
  expect(await within(never, timeoutMs, stop.signal)).toEqual({ ended: false });
});
