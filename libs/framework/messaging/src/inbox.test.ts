import { expect, test } from 'vitest';
import { memoryInbox } from './inbox.ts';

const nothing = async () => {};

test('work is done once for each consumer and id', async () => {
  const inbox = memoryInbox();
  expect(await inbox.run('a', '1', nothing)).toBe('done');
  expect(await inbox.run('a', '1', nothing)).toBe('duplicate');
  expect(await inbox.run('b', '1', nothing)).toBe('done');
  expect(await inbox.run('a', '2', nothing)).toBe('done');
});

test('work that fails marks nothing', async () => {
  const inbox = memoryInbox();
  await expect(inbox.run('a', '1', async () => Promise.reject(new Error('it fails')))).rejects.toThrow('it fails');
  expect(await inbox.run('a', '1', nothing)).toBe('done');
});

test('the same work at the same time waits for the first, and is done if that fails', async () => {
  const inbox = memoryInbox();
  const { promise, reject } = Promise.withResolvers<void>();
  const first = inbox.run('a', '1', () => promise);
  const others = [inbox.run('a', '1', nothing), inbox.run('a', '1', nothing)];
  reject(new Error('it fails'));
  await expect(first).rejects.toThrow('it fails');
  expect(await Promise.all(others)).toEqual(['done', 'duplicate']);
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
