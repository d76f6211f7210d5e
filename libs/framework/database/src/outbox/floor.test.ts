import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Waiting } from './batch.ts';
import { createFloor } from './floor.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const at = (position: number) => [{ position: String(position) } as Waiting];

test('a look begins a little before where the last one did, and now and then at the beginning', () => {
  const floor = createFloor(1_000);
  expect(floor.next()).toBe(0);
  floor.looked(0, at(5_000), 1);
  expect(floor.next()).toBe(4_000);
  floor.looked(4_000, at(900), 1);
  expect(floor.next()).toBe(0);
  floor.looked(0, at(7_000), 1);
  floor.looked(6_000, [], 1);
  vi.advanceTimersByTime(999);
  expect(floor.next()).toBe(6_000);
  vi.advanceTimersByTime(1);
  expect(floor.next()).toBe(0);
});

test('looks at the beginning that take long are few', () => {
  const floor = createFloor(1_000);
  floor.looked(0, at(5_000), 500);
  vi.advanceTimersByTime(9_999);
  expect(floor.next()).toBe(4_000);
  vi.advanceTimersByTime(1);
  expect(floor.next()).toBe(0);
});
