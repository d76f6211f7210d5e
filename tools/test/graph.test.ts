import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RunTask } from '../src/report.ts';
import { createScratch, scope } from './scratch.ts';
import { writeServices } from './small-services.ts';

const scratch = createScratch([
  ...['apps', 'bench', 'libs', 'tools', 'package.json', 'package-lock.json', 'nx.json', '.gitignore'],
  ...['eslint.config.js', 'vitest.config.ts', 'tsconfig.base.json', 'tsconfig.build.json', '.prettierrc.json'],
]);
afterAll(() => scratch[Symbol.dispose]());

/** What looks at the whole workspace, and so is affected by every change. */
const everywhere = 'tools';
let everything: string[];

beforeAll(() => {
  writeServices(scratch, {
    alpha: { calls: ['beta'], ships: ['api-swagger'] },
    beta: { calls: ['gamma'], ships: ['api-swagger'] },
    gamma: {},
    shop: { consumes: ['billing'], ships: ['messaging-rabbitmq'] },
    billing: { consumes: ['shop'], ships: ['messaging-nats'] },
    mail: { consumes: ['billing', 'shop'], ships: ['messaging-nats', 'messaging-rabbitmq'] },
  });
  const nxJson = readJson('nx.json');
  const idle = { test: { options: { command: 'true', cwd: '.' } } };
  scratch.write('nx.json', { ...nxJson, targetDefaults: { ...nxJson.targetDefaults, ...idle } });
  // One process for Nx and its plugins: a third of the time.
  scratch.write('.env', 'NX_ISOLATE_PLUGINS=false\n');
  scratch.link();
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'All of it');
  everything = names(nx('show', 'projects'));
});

afterEach(() => {
  git('reset', '--quiet', '--hard');
  git('clean', '--quiet', '--force', '-d');
});

test('a service depends on its contract and those of the services that it calls or hears of, and on no service', () => {
  nx('graph', '--file=graph.json');
  const { nodes, dependencies } = readJson('graph.json').graph as Graph;
  const edges = (name: string) => dependencies[`${scope}/${name}`]?.map(({ target }) => withoutScope(target)).sort();
  expect(edges('alpha')).toEqual(['alpha-contract', 'api-swagger', 'beta-contract']);
  expect(edges('beta')).toEqual(['api-swagger', 'beta-contract', 'gamma-contract']);
  expect(edges('gamma')).toEqual(['gamma-contract']);

  expect(edges('shop')).toEqual(['billing-contract', 'messaging-rabbitmq', 'shop-contract']);
  expect(edges('shop-contract') ?? []).toEqual([]);

  const services = Object.keys(nodes).filter((name) => nodes[name]!.data.root.startsWith('apps/'));
  const users = Object.entries(dependencies).filter(([, used]) => used.some(({ target }) => services.includes(target)));
  expect(users).toEqual([]);
});

test.each([
  ['a contract', 'its owner and its users', 'libs/contracts/beta/src/index.ts', ['alpha', 'beta', 'beta-contract']],
  [
    'a document',
    'its owner and its users',
    'libs/contracts/gamma/src/openapi.json',
    ['beta', 'gamma', 'gamma-contract'],
  ],
  [
    'an event',
    'its owner and its consumers',
    'libs/contracts/billing/src/events.ts',
    ['billing', 'billing-contract', 'mail', 'shop'],
  ],
  ['a service', 'it alone', 'apps/beta/src/main.ts', ['beta']],
  [
    'an adapter',
    'those that ship it',
    'libs/framework/api-swagger/src/index.ts',
    ['alpha', 'api-swagger', 'bench', 'beta', 'example-service'],
  ],
  [
    'the adapter of a broker',
    'those that ship it',
    'libs/framework/messaging-rabbitmq/src/index.ts',
    ['bench', 'example-service', 'mail', 'messaging-rabbitmq', 'shop'],
  ],
  ['a page of the workspace', 'no project', 'CONTRIBUTING.md', []],
])('a change of %s affects %s', (_, __, file, affected) => {
  change(file);
  expect(affectedProjects()).toEqual([...affected, everywhere].sort());
});

test.each(['nx.json', 'eslint.config.js', 'tsconfig.base.json'])('a change of %s affects every project', (file) => {
  change(file);
  expect(affectedProjects()).toEqual(everything);
});

test('a change of vitest.config.ts affects every project with tests', () => {
  change('vitest.config.ts');
  const withTests = nx('show', 'projects', '--with-target=test', '--with-target=e2e');
  expect(affectedProjects()).toEqual(names(withTests));
});

test('an upgrade in package-lock.json affects the users of the package', () => {
  const lock = readJson('package-lock.json');
  Object.assign(lock.packages['node_modules/swagger-ui-dist'], { version: '99.0.0' });
  scratch.write('package-lock.json', lock);
  expect(affectedProjects()).toEqual(['alpha', 'api-swagger', 'bench', 'beta', 'example-service', everywhere]);
});

test('a new service affects itself, although it changes package-lock.json', () => {
  nx('g', `${scope}/tools:service`, 'delta');
  expect(affectedProjects()).toEqual(['delta', 'delta-contract', everywhere]);
}, 60_000);

test.each([
  ['a contract', 'users', 'libs/contracts/beta/src/index.ts', ['alpha', 'beta', 'beta-contract']],
  ['an event', 'consumers', 'libs/contracts/billing/src/events.ts', ['billing', 'billing-contract', 'mail', 'shop']],
])(
  '`affected -t test` after a change of %s tests its owner, its %s and what tests all',
  (_, __, file, projects) => {
    nx('run-many', '-t', 'test');
    change(file);
    nx('affected', '-t', 'test', '--base=HEAD');
    const { tasks } = readJson('.nx/cache/run.json') as { tasks: RunTask[] };
    const tested = (cacheStatus?: string) =>
      tasks
        .filter((task) => !cacheStatus || task.cacheStatus === cacheStatus)
        .map(({ taskId }) => withoutScope(taskId));
    const expected = projects.map((name) => `${name}:test`).sort();
    expect(tested().sort()).toEqual([...expected, `${everywhere}:test`].sort());
    expect(tested('cache-miss').sort()).toEqual(expected);
  },
  60_000,
);

test('lint finds a contract that is imported and not declared, and one that is declared and not imported', () => {
  const manifest = readJson('apps/alpha/package.json');
  const { [`${scope}/beta-contract`]: _, ...dependencies } = manifest.dependencies;
  scratch.write('apps/alpha/package.json', {
    ...manifest,
    dependencies: { ...dependencies, [`${scope}/gamma-contract`]: '*' },
  });
  nx('show', 'projects');
  const { stdout } = scratch.run('eslint', '--format=json', 'apps/alpha/package.json');
  const [{ messages }] = JSON.parse(stdout) as [{ messages: { ruleId: string; message: string }[] }];
  const found = messages.filter(({ ruleId }) => ruleId === '@nx/dependency-checks').map(({ message }) => message);
  expect(found).toEqual([
    expect.stringContaining(`missing from "dependencies":\n    - ${scope}/beta-contract`),
    expect.stringContaining(`"${scope}/gamma-contract" package is not used`),
  ]);
});

interface Graph {
  nodes: Record<string, { data: { root: string } }>;
  dependencies: Record<string, { target: string }[]>;
}

/**
 * Adds lines that mean nothing, each time one more: Nx takes a file for what it was as long as it is of the same second, and what
 * an earlier test undid for what that test made.
 */
function change(file: string): void {
  changes += 1;
  appendFileSync(join(scratch.root, file), '\n'.repeat(changes));
}
let changes = 0;

function affectedProjects(): string[] {
  return names(nx('show', 'projects', '--affected', '--base=HEAD'));
}

function names(lines: string): string[] {
  return lines.split('\n').filter(Boolean).map(withoutScope).sort();
}

function withoutScope(name: string): string {
  return name.slice(scope.length + 1);
}

function nx(...command: string[]): string {
  const { status, stdout, stderr } = scratch.run('nx', ...command);
  if (status !== 0) throw new Error(stdout + stderr);
  return stdout;
}

function git(...command: string[]): void {
  const author = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com'];
  execFileSync('git', [...author, ...command], { cwd: scratch.root, stdio: 'pipe' });
}

function readJson(file: string) {
  return JSON.parse(readFileSync(join(scratch.root, file), 'utf8'));
}
