import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { git as runGit } from '../src/tree/git.ts';
import { renameFiles } from '../src/generators/rename-scope/rename-file.ts';
import { scope, workspaceRoot } from './scratch.ts';

const ownScope = '@a-company-with-a-rather-long-name';
const changedByBoth = 'libs/framework/errors/src/service-error.ts';
const added = 'libs/framework/context/src/added.ts';
const url = 'https://example.com/workspace.git';

// Git as on a machine where nobody has set anything.
const identity = {
  ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' },
  ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' },
  ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
};

// What upstream has: a part of this workspace, enough to have projects, formatted files and the script itself.
const files = [
  ...['package.json', 'package-lock.json', 'tsconfig.base.json', 'docs/upgrading.md'],
  ...['.editorconfig', '.gitignore', '.prettierignore', '.prettierrc.json'],
  ...['apps/example-service/package.json', 'apps/example-service/src', 'libs/contracts/example-service'],
  ...['libs/framework/context', 'libs/framework/errors', 'tools/package.json', 'tools/src'],
];

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'upgrading-')));
const upstream = join(folder, 'upstream');
const company = join(folder, 'company');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const filter = (source: string) => !['node_modules', 'dist'].includes(basename(source));
  for (const file of files) cpSync(join(workspaceRoot, file), join(upstream, file), { recursive: true, filter });
  git(upstream, 'init', '--quiet');
  release('v1.0.0');

  // As from an archive, or from a template: without the history of upstream.
  cpSync(upstream, company, { recursive: true, filter: (source) => basename(source) !== '.git' });
  git(company, 'init', '--quiet');
  symlinkSync(join(workspaceRoot, 'node_modules'), join(company, 'node_modules'));
  writeFileSync(join(company, '.git/info/exclude'), 'node_modules\n');
  commit(company, 'start');
  await renameFiles(company, { from: scope, to: ownScope });
  git(company, 'rm', '-r', '--force', '--quiet', 'apps/example-service', 'libs/contracts/example-service');
  edit(company, 'apps/parcels/package.json', () => `{ "name": "${ownScope}/parcels", "version": "1.0.0" }\n`);
  edit(company, changedByBoth, (text) => `// Ours.\n${text}`);
  commit(company, 'what a company does');

  edit(upstream, changedByBoth, (text) => `${text}\n// Theirs.\n`);
  // With the longer scope this import needs more lines than one.
  const names = 'ServiceError, type ServiceErrorOptions, toServiceError, httpStatusOf, isRetryable';
  edit(upstream, added, () => `import { ${names} } from '${scope}/errors';\n`);
  edit(upstream, 'apps/example-service/src/main.ts', (text) => `${text}\n// Newer.\n`);
  edit(upstream, 'apps/example-service/src/added.ts', () => '// New.\n');
  edit(upstream, 'package-lock.json', (text) => text.replace('"lockfileVersion": 3', '"lockfileVersion": 4'));
  release('v1.1.0');

  edit(upstream, changedByBoth, (text) => `// Also theirs.\n${text}`);
  edit(upstream, added, (text) => `${text}\nexport const newer = '${scope}/newer';\n`);
  release('v1.2.0');
});

test('a newer version of upstream arrives under the own scope, and what was edited, added and removed stays so', () => {
  const steps = documentedSteps();
  const { status, output } = shell([steps[0]!.replace(url, upstream), steps[1]!].join('\n'));
  expect({ status, output }).toMatchObject({ status: 0 });

  expect(read(changedByBoth)).toMatch(/^\/\/ Ours\.\n[^]*\n\/\/ Theirs\.\n$/);
  expect(read(added)).toMatch(new RegExp(`^import \\{\n  ServiceError,\n[^]*\\} from '${ownScope}/errors';\n$`));
  expect(git(company, 'diff', '--name-only', 'HEAD~1')).toBe(`${added}\n${changedByBoth}\n`);
  expect(git(company, 'log', '--format=%s')).toBe('Upstream v1.0.0 to v1.1.0\nwhat a company does\nstart\n');
  expect(git(company, 'status', '--porcelain')).toBe('');
});

test('the next version conflicts where both changed the same lines, and nowhere else', () => {
  const next = documentedSteps()[1]!.replaceAll('v1.1.0', 'v1.2.0').replaceAll('v1.0.0', 'v1.1.0');
  expect(shell(next).status).not.toBe(0);
  expect(git(company, 'status', '--porcelain')).toBe(`M  ${added}\nUU ${changedByBoth}\n`);
  expect(read(changedByBoth)).toMatch(/^<<<<<<< HEAD\n\/\/ Ours\.\n=======\n\/\/ Also theirs\.\n>>>>>>> .*\n/);
  expect(read(added)).toContain(`'${ownScope}/newer'`);
  git(company, 'cherry-pick', '--abort');
});

test('a version that upstream does not have is named, and no branch is made', () => {
  const { status, output } = shell('npx node tools/src/upstream/main.ts v1.1.0 v9.0.0');
  expect(status).toBe(1);
  expect(output).toContain('Cannot take v9.0.0 of upstream: git fetch');
  expect(output).toContain("fatal: couldn't find remote ref v9.0.0");
  expect(git(company, 'branch', '--list', 'upstream-v9.0.0')).toBe('');
});

/** The commands of the page, block by block. */
function documentedSteps(): string[] {
  const page = readFileSync(join(workspaceRoot, 'docs/upgrading.md'), 'utf8');
  return [...page.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, commands]) => commands!);
}

function shell(commands: string) {
  const { status, stdout, stderr } = spawnSync('bash', ['-euc', commands], {
    cwd: company,
    env: { ...process.env, ...identity, NODE_OPTIONS: '' },
    encoding: 'utf8',
  });
  return { status, output: stderr + stdout };
}

function release(version: string): void {
  commit(upstream, version);
  git(upstream, 'tag', version);
}

function commit(repository: string, message: string): void {
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '--message', message);
}

function edit(repository: string, file: string, change: (text: string) => string): void {
  const path = join(repository, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, change(existsSync(path) ? readFileSync(path, 'utf8') : ''));
}

function read(file: string): string {
  return readFileSync(join(company, file), 'utf8');
}

function git(repository: string, ...args: string[]): string {
  return runGit(repository, args, identity);
}
