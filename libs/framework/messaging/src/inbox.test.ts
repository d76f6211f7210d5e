import { describe, expect, test } from 'vitest';
import { inboxConformance } from './conformance/index.ts';
import { memoryInbox } from './inbox.ts';

const nothing = async () => {};

describe('the inbox in memory', () => {
  for (const { name, run } of inboxConformance(memoryInbox)) test(name, run);
});

test('the oldest is forgotten when there are too many', async () => {
  const inbox = memoryInbox({ maximum: 2 });
  for (const id of ['1', '2', '3']) await inbox.run('a', id, nothing);
  expect(await inbox.run('a', '3', nothing)).toBe('duplicate');
  expect(await inbox.run('a', '1', nothing)).toBe('done');
});

test.each([{ ttlMs: 0 }, { maximum: 1.5 }])('%j is refused', (options) => {
  expect(() => memoryInbox(options)).toThrow(RangeError);
});
