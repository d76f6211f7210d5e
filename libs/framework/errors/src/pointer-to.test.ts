import { expect, test } from 'vitest';
import { pointerTo } from './pointer-to.ts';

test.each([
  ['the whole input', [], ''],
  ['a place in lists and objects', ['items', 0, 'quantity'], '/items/0/quantity'],
  ['a key that holds what pointers are made of', ['a/b', '~'], '/a~1b/~0'],
  ['a key without a character', ['', 'a'], '//a'],
])('points to %s', (_, path, pointer) => {
  expect(pointerTo(path)).toBe(pointer);
});

test.each([
  ['a long key', ['x'.repeat(1_000_000)]],
  ['many keys', Array<string>(1_000_000).fill('x')],
])('goes no further than 200 characters: %s', (_, path) => {
  expect(pointerTo(path)).toMatch(/^(\/x+)+…$/);
  expect(pointerTo(path)).toHaveLength(201);
});
