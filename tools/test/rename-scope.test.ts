import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { git as runGit } from '../src/tree/git.ts';
import { readProjects } from '../src/workspace.ts';
import { createScratch, scope, workspaceRoot } from './scratch.ts';

// Longer than most, so that many lines no longer fit.
const newScope = '@a-company-with-a-rather-long-name';
const apart = ['.git', '.nx', '.reports', 'node_modules'];

// Each formats most of the workspace's files.
vi.setConfig({ testTimeout: 120_000 });

const scratch = createScratch(readdirSync(workspaceRoot).filter((entry) => !apart.includes(entry)));
afterAll(() => scratch[Symbol.dispose]());

beforeAll(() => {
  scratch.link();
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--message', 'start');
});

test('files that are not committed are listed, and nothing is renamed', () => {
  scratch.write('docs/draft.md', '# Draft\n');
  const { status, stdout, stderr } = renameScope();
  expect(status).toBe(1);
  expect(stdout + stderr).toContain('?? docs/draft.md');
  rmSync(join(scratch.root, 'docs/draft.md'));
  expect(git('status', '--porcelain')).toBe('');
});

test('a dry run shows what would change, and changes nothing', () => {
  expect(renameScope('--dry-run').stdout).toContain('UPDATE .vscode/launch.json');
  expect(git('status', '--porcelain')).toBe('');
  expect(existsSync(join(scratch.root, 'node_modules', newScope))).toBe(false);
});

test('a rename leaves nothing of the old scope, neither in a file nor in node_modules', () => {
  const { status, stdout, stderr } = renameScope();
  expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });

  const left = spawnSync('git', ['grep', '-nIP', `(@|%40)${scope.slice(1)}(?![\\w~-]|\\.\\w)`], {
    cwd: scratch.root,
    encoding: 'utf8',
  });
  expect(left).toMatchObject({ status: 1, stdout: '' });
  expect(existsSync(join(scratch.root, 'node_modules', scope))).toBe(false);
  for (const { root, manifest } of readProjects(scratch.root)) {
    expect(manifest.name).toMatch(`${newScope}/`);
    expect(realpathSync(join(scratch.root, 'node_modules', manifest.name))).toBe(join(scratch.root, root));
  }
});

test('the renamed workspace is linted, type-checked and tested as before', () => {
  const some = ['errors', 'context', 'example-service-contract'].map((name) => `${newScope}/${name}`);
  const { status, stdout, stderr } = scratch.run(
    'nx',
    'run-many',
    '-t',
    'lint',
    'typecheck',
    'test',
    '-p',
    some.join(),
  );
  expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
});

test('npm finds nothing to change in the lock file', () => {
  const before = readFileSync(join(scratch.root, 'package-lock.json'), 'utf8');
  const options = ['--package-lock-only', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', ['install', ...options], { cwd: scratch.root, encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(readFileSync(join(scratch.root, 'package-lock.json'), 'utf8')).toBe(before);
});

test('the same scope again changes nothing, although the rename is not committed yet', () => {
  const before = git('diff');
  const { status, stdout } = scratch.run('nx', 'g', `${newScope}/tools:rename-scope`, newScope);
  expect(status).toBe(0);
  expect(stdout).toContain(`The scope is ${newScope} already.`);
  expect(git('diff')).toBe(before);
});

function renameScope(...options: string[]) {
  return scratch.run('nx', 'g', `${scope}/tools:rename-scope`, newScope, ...options);
}

function git(...args: string[]): string {
  return runGit(scratch.root, args);
}
