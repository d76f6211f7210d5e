import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunTask } from '../src/report.ts';
import { createScratch, scope } from './scratch.ts';

const targets = ['lint', 'migration-check', 'typecheck', 'test', 'build', 'e2e'];

// A copy of the workspace in which the commands of all targets do nothing: what is left is when Nx runs them.
const files = [
  'apps',
  'libs',
  'tools',
  'package.json',
  'package-lock.json',
  'nx.json',
  '.gitignore',
  '.prettierrc.json',
];
const scratch = createScratch([
  ...files,
  'eslint.config.js',
  'vitest.config.ts',
  'tsconfig.base.json',
  'tsconfig.build.json',
]);
afterAll(() => scratch[Symbol.dispose]());

beforeAll(() => {
  const nxJson = readJson('nx.json');
  const idle = Object.fromEntries(targets.map((target) => [target, { options: { command: 'true', cwd: '.' } }]));
  scratch.write('nx.json', { ...nxJson, targetDefaults: { ...nxJson.targetDefaults, ...idle } });
  // A bundle is made by an executor of Nx, so there is something to bundle.
  scratch.write('apps/example-service/src/main.ts', 'export const nothing = undefined;\n');
  scratch.link();
  expect(rerun().length).toBeGreaterThan(targets.length);
});

test('a second run of anything is a cache hit', () => {
  expect(rerun()).toEqual([]);
});

test('an edit of a README re-runs the test of its library, and what looks at the whole workspace', () => {
  appendFileSync(join(scratch.root, 'libs/framework/errors/README.md'), '\nOne more line.\n');
  expect(rerun()).toEqual(['errors:test', 'tools:e2e']);
});

test('an edit of a test re-runs nothing that is built, and nothing of other projects', () => {
  appendFileSync(join(scratch.root, 'libs/framework/errors/src/http-status.test.ts'), '\n// One more line.\n');
  expect(rerun()).toEqual(['errors:lint', 'errors:test', 'errors:typecheck', 'tools:e2e']);
});

test('an upgraded npm package re-runs its users only', () => {
  const lock = readJson('package-lock.json');
  const upgraded = lock.packages['node_modules/swagger-ui-dist'];
  Object.assign(upgraded, { version: '99.0.0', integrity: upgraded.integrity.replace(/-.{4}/, '-AAAA') });
  scratch.write('package-lock.json', lock);
  const users = ['api-swagger', 'example-service', 'tools'];
  expect([...new Set(rerun().map((task) => task.split(':')[0]))]).toEqual(users);
});

test('a change anywhere affects what looks at the whole workspace', () => {
  const { stdout } = scratch.run('nx', 'show', 'projects', '--affected', '--files=libs/framework/errors/README.md');
  expect(stdout.split('\n')).toContain(`${scope}/tools`);
});

/** Runs everything, and gives the tasks that the cache could not answer. */
function rerun(): string[] {
  const { status, stdout, stderr } = scratch.run('nx', 'run-many', '-t', ...targets);
  if (status !== 0) throw new Error(stdout + stderr);
  const { tasks } = readJson('.nx/cache/run.json') as { tasks: RunTask[] };
  const missed = tasks.filter(({ cacheStatus }) => cacheStatus === 'cache-miss');
  return missed.map(({ taskId }) => taskId.slice(scope.length + 1)).sort();
}

function readJson(file: string) {
  return JSON.parse(readFileSync(join(scratch.root, file), 'utf8'));
}
