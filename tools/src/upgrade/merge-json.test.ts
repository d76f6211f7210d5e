import { expect, test } from 'vitest';
import { mergeJson } from './merge-json.ts';

const base = { name: 'x', dependencies: { b: '1', d: '1' }, files: ['dist'] };

test('entries that stand beside each other are no conflict, and dependencies are in order', () => {
  const ours = { ...base, dependencies: { ...base.dependencies, c: '1' } };
  const theirs = { ...base, dependencies: { ...base.dependencies, a: '1' } };
  const { merged, conflicts } = mergeJson(ours, base, theirs);
  expect(JSON.stringify(merged)).toBe(JSON.stringify({ ...base, dependencies: { a: '1', b: '1', c: '1', d: '1' } }));
  expect(conflicts).toEqual([]);
});

test.each([
  ['what only theirs changed is taken', base, { ...base, name: 'y' }, { ...base, name: 'y' }],
  ['what only ours changed stays', { ...base, name: 'y' }, base, { ...base, name: 'y' }],
  ['what theirs drops goes', base, { ...base, dependencies: { b: '1' } }, { ...base, dependencies: { b: '1' } }],
  ['what ours dropped stays away', { ...base, dependencies: { b: '1' } }, base, { ...base, dependencies: { b: '1' } }],
  ['what theirs adds under a new key comes', base, { ...base, type: { a: 1 } }, { ...base, type: { a: 1 } }],
  ['what both changed alike is no conflict', { ...base, files: [] }, { ...base, files: [] }, { ...base, files: [] }],
])('%s', (_, ours, theirs, expected) => {
  expect(mergeJson(ours, base, theirs)).toEqual({ merged: expected, conflicts: [] });
});

test.each([
  ['a value', { dependencies: { b: '2', d: '1' } }, { dependencies: { b: '3', d: '1' } }, 'dependencies.b', '1'],
  [
    'a key that theirs drops',
    { dependencies: { b: '2', d: '1' } },
    { dependencies: { d: '1' } },
    'dependencies.b',
    '1',
  ],
  [
    'a key that ours dropped',
    { dependencies: { d: '1' } },
    { dependencies: { b: '2', d: '1' } },
    'dependencies.b',
    '1',
  ],
  ['a list', { files: ['dist', 'a'] }, { files: ['dist', 'b'] }, 'files', ['dist']],
])('%s that both changed stays as ours has it, and is told', (_, ours, theirs, key, old) => {
  const mine = { ...base, ...ours };
  const { merged, conflicts } = mergeJson(mine, base, { ...base, ...theirs });
  expect(merged).toEqual(mine);
  expect(conflicts).toEqual([expect.objectContaining({ key, base: old })]);
});
