import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLineBuffer } from './line-buffer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createBuffer(limit = 100) {
  const written: string[] = [];
  const buffer = createLineBuffer({ limit, write: (lines) => written.push(lines.join('')) });
  return { buffer, written };
}

test('lines of one turn of the event loop are written together', () => {
  const { buffer, written } = createBuffer();
  for (const line of ['a', 'b', 'c']) buffer.add(line, 0, false);
  expect(written).toEqual([]);
  vi.advanceTimersToNextTimer();
  buffer.add('d', 0, false);
  vi.advanceTimersToNextTimer();
  expect(written).toEqual(['abc', 'd']);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ['many', 'a'.repeat(60), { time: 0, urgent: false }],
  ['urgent', 'b', { time: 0, urgent: true }],
  ['old', 'b', { time: 20, urgent: false }],
])('lines are written before the turn ends when they are %s, in their order', (_, line, { time, urgent }) => {
  const { buffer, written } = createBuffer();
  const first = 'first'.padEnd(60);
  buffer.add(first, 0, false);
  expect(written).toEqual([]);
  buffer.add(line, time, urgent);
  expect(written).toEqual([first + line]);
});

test('without a size each line is written at once', () => {
  const { buffer, written } = createBuffer(0);
  buffer.add('a', 0, false);
  buffer.add('b', 0, false);
  expect(written).toEqual(['a', 'b']);
});

test('from the end on each line is written at once, after what was left', () => {
  const { buffer, written } = createBuffer();
  buffer.add('a', 0, false);
  buffer.holdNothing();
  buffer.add('b', 0, false);
  expect(written).toEqual(['a', 'b']);
  vi.runAllTimers();
  expect(written).toEqual(['a', 'b']);
});

test('a line that is added by whoever writes comes after those', () => {
  const written: string[] = [];
  const buffer = createLineBuffer({
    limit: 100,
    write(lines) {
      written.push(lines.join(''));
      if (written.length === 1) buffer.add('failed', 0, true);
    },
  });
  buffer.add('a', 0, true);
  buffer.flush();
  expect(written).toEqual(['a', 'failed']);
});
