import { spawnSync } from 'node:child_process';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { flushChanges, FsTree } from 'nx/src/generators/tree';
import { createScratch, type Scratch } from './scratch.ts';

/** What a copy of the workspace needs so that everything can be run in it. */
const everything = [
  ...[
    '.editorconfig',
    '.gitignore',
    '.npmrc',
    '.prettierignore',
    '.prettierrc.json',
    'package.json',
    'package-lock.json',
    'LICENSE',
  ],
  ...['apps', 'bench', 'deploy', 'docs', 'libs', 'tools', 'nx.json', 'vitest.config.ts', 'eslint.config.js'],
  ...['tsconfig.base.json', 'tsconfig.build.json', 'README.md', 'CONTRIBUTING.md', '.vscode', '.github'],
];

/** A whole copy of the workspace in a git repository of its own, with everything committed. */
export function createCommittedScratch(): Scratch & { commit(): void; changes(): string[] } {
  const scratch = createScratch(everything);
  scratch.link();
  const git = (...line: string[]) => {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...line], {
      cwd: scratch.root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) throw new Error(`git ${line.join(' ')}: ${stderr}`);
    return stdout;
  };
  const commit = () => {
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'as it is');
  };
  git('init', '--quiet', '--initial-branch=main');
  commit();
  return {
    ...scratch,
    commit,
    changes: () =>
      git('status', '--porcelain', '--untracked-files=all')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.slice(3)),
  };
}

type Generator = (tree: Tree) => Promise<GeneratorCallback>;

/** Runs a generator as Nx does, inside this process, and gives what its callback says. */
export async function generate(root: string, generator: Generator): Promise<string> {
  const tree = new FsTree(root, false);
  const callback = await generator(tree);
  flushChanges(root, tree.listChanges());
  const said: string[] = [];
  const log = console.log;
  console.log = (...words: unknown[]) => void said.push(words.join(' '));
  try {
    await callback();
  } finally {
    console.log = log;
  }
  return said.join('\n');
}
