import { expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

test.each<[string | null, number | undefined]>([
  [null, undefined],
  ['0', 0],
  ['120', 120_000],
  ['99999999999999999999', 86_400_000],
  ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
  ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400_000],
  ['-5', undefined],
  ['1e9', undefined],
  ['1.5', undefined],
  ['', undefined],
  ['soon', undefined],
  ['120, 5', undefined],
  ['Fri, 99 Jan 2026 03:04:15 GMT', undefined],
  ['2026-01-02T03:04:15Z', undefined],
  ['0x10', undefined],
  ['Infinity', undefined],
])('`Retry-After: %s` means %s ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
