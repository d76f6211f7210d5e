import { createTree } from '@nx/devkit/testing';
import { expect, test } from 'vitest';
import { mergeTemplate } from './merge-template.ts';

const file = 'notes.txt';
const lines = (...text: string[]) => text.map((line) => `${line}\n`).join('');
const old = lines('one', 'two', 'three', 'four');
const young = lines('ONE', 'two', 'three', 'four');
const labels = { ours: 'yours', base: 'template 1.0.0', theirs: 'template 1.1.0' };

test.each([
  { what: 'changed by the template alone', base: old, theirs: young, ours: old, outcome: 'replaced', then: young },
  {
    what: 'changed by both in places apart',
    base: old,
    theirs: young,
    ours: lines('one', 'two', 'three', 'FOUR'),
    outcome: 'merged',
    then: lines('ONE', 'two', 'three', 'FOUR'),
  },
  {
    what: 'changed by both in one place',
    base: old,
    theirs: young,
    ours: lines('1', 'two', 'three', 'four'),
    outcome: 'conflict',
    then: lines(
      ...['<<<<<<< yours', '1', '||||||| template 1.0.0', 'one', '=======', 'ONE', '>>>>>>> template 1.1.0'],
      ...['two', 'three', 'four'],
    ),
  },
  { what: 'changed by both alike', base: old, theirs: young, ours: young, outcome: undefined, then: young },
  { what: 'changed by the team alone', base: old, theirs: old, ours: young, outcome: undefined, then: young },
  { what: 'new', base: undefined, theirs: young, ours: undefined, outcome: 'added', then: young },
  {
    what: 'new in both, and not alike',
    base: undefined,
    theirs: lines('theirs'),
    ours: lines('ours'),
    outcome: 'conflict',
    then: lines('<<<<<<< yours', 'ours', '||||||| template 1.0.0', '=======', 'theirs', '>>>>>>> template 1.1.0'),
  },
  { what: 'dropped and untouched', base: old, theirs: undefined, ours: old, outcome: 'deleted', then: null },
  { what: 'dropped but edited', base: old, theirs: undefined, ours: young, outcome: 'kept', then: young },
  { what: 'dropped by both', base: old, theirs: undefined, ours: undefined, outcome: undefined, then: null },
  { what: 'changed but deleted', base: old, theirs: young, ours: undefined, outcome: 'absent', then: null },
])('a file that is $what: $outcome', async ({ base, theirs, ours, outcome, then }) => {
  const tree = createTree();
  if (ours !== undefined) tree.write(file, ours);
  const filesOf = (text: string | undefined): Record<string, string> => (text === undefined ? {} : { [file]: text });
  const outcomes = await mergeTemplate(tree, filesOf(base), filesOf(theirs), labels);
  expect(outcomes).toEqual(outcome === undefined ? [] : [{ path: file, outcome }]);
  expect(tree.read(file, 'utf8')).toBe(then);
});

test('a package.json is merged by its keys, never marked', async () => {
  const tree = createTree();
  const path = 'apps/x/package.json';
  const json = (dependencies: object) => `${JSON.stringify({ dependencies }, undefined, 2)}\n`;
  tree.write(path, json({ a: '2', mine: '1' }));
  const outcomes = await mergeTemplate(
    tree,
    { [path]: json({ a: '1' }) },
    { [path]: json({ a: '3', b: '1' }) },
    labels,
  );
  expect(tree.read(path, 'utf8')).toBe(json({ a: '2', b: '1', mine: '1' }));
  const note = '`dependencies.a` stays "2"; the template changes it from "1" to "3"';
  expect(outcomes).toEqual([{ path, outcome: 'merged', notes: [note] }]);
});
