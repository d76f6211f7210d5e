import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTree } from '@nx/devkit/testing';
import { expect, onTestFinished, test } from 'vitest';
import { checkCommitted, checkScope } from './check-scope.ts';
import { git } from '../../tree/git.ts';

const packages = {
  'node_modules/@one/errors': { resolved: 'libs/framework/errors', link: true },
  'node_modules/@vendor/client': { version: '1.0.0' },
  'node_modules/@vendor/client/node_modules/@inner/part': { version: '1.0.0' },
};

test.each(['parcels', '3m-labs', 'one'])('takes %s with its @ or without', (name) => {
  expect([name, `@${name}`].map((asked) => checkScope(workspace(), asked))).toEqual([`@${name}`, `@${name}`]);
});

test.each([
  '',
  '@',
  '@Parcels',
  '@parcels/tools',
  '@-parcels',
  '@parcels-',
  '@a--b',
  '@a_b',
  '@a.b',
  '@@parcels',
  '@a b',
])('refuses %j, which is no scope in kebab-case', (asked) => {
  expect(() => checkScope(workspace(), asked)).toThrow(
    `Cannot rename the scope to \`${asked}\`: expected an npm scope in kebab-case such as \`@acme\`, got \`${asked}\`.`,
  );
});

test.each([
  ['@vendor', '@vendor/client'],
  ['inner', '@inner/part'],
])('refuses %s, the scope of %s, which is installed', (asked, name) => {
  expect(() => checkScope(workspace(), asked)).toThrow(`got that of ${name} (package-lock.json)`);
});

test('everything committed is fine; what is not is listed, five at most', () => {
  const root = repository();
  writeFileSync(join(root, 'kept.txt'), '');
  git(root, ['add', '--all']);
  git(root, ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--message', 'start']);
  expect(() => checkCommitted(root)).not.toThrow();

  writeFileSync(join(root, 'kept.txt'), 'changed');
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) writeFileSync(join(root, name), '');
  expect(() => checkCommitted(root)).toThrow(
    /expected every file to be committed, got these changes\. .*\n\n {5}M kept\.txt\n {4}\?\? a\n[^f]*and 2 more$/,
  );
});

test('outside of a repository it says how to make one', () => {
  const root = temporaryFolder();
  expect(() => checkCommitted(root)).toThrow(/to be in a git repository, .* `git init/);
});

function workspace() {
  const tree = createTree();
  tree.write('package-lock.json', JSON.stringify({ packages }));
  return tree;
}

function repository(): string {
  const root = temporaryFolder();
  git(root, ['init', '--quiet']);
  return root;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'check-scope-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
