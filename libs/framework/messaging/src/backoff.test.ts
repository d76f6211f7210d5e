import { expect, test } from 'vitest';
import { createBackoff } from './backoff.ts';

test('delays double up to the longest one, each shortened by half at most, and begin anew', () => {
  const backoff = createBackoff(100, 500);
  for (const longest of [100, 200, 400, 500, 500]) {
    const delayMs = backoff.next();
    expect(delayMs).toBeGreaterThanOrEqual(longest / 2);
    expect(delayMs).toBeLessThan(longest);
  }
  backoff.reset();
  expect(backoff.next()).toBeLessThan(100);
});

test('not all wait as long', () => {
  expect(new Set(Array.from({ length: 100 }, () => createBackoff(100, 500).next())).size).toBeGreaterThan(50);
});
