import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { readProjects, readScope } from '../src/workspace.ts';

export const workspaceRoot = join(import.meta.dirname, '../..');
export const scope = readScope(workspaceRoot);

/** A workspace of its own in a temporary folder, with the npm packages of this one. */
export interface Scratch extends Disposable {
  root: string;
  write(file: string, content: string | object): void;
  run(command: string, ...args: string[]): { status: number | null; stdout: string; stderr: string };
}

const made = ['node_modules', 'dist', '.data'];

/** Copies `files` of this workspace, and links its own packages once they are written by `link`. */
export function createScratch(files: readonly string[]): Scratch & { link(): void } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));
  for (const file of files) {
    const filter = (source: string) => !made.includes(basename(source));
    cpSync(join(workspaceRoot, file), join(root, file), { recursive: true, filter });
  }
  return {
    root,
    write(file, content) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
    },
    link() {
      linkPackages(root);
    },
    run(command, ...args) {
      const options = { cwd: root, env: environment(root), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
      return spawnSync(join(root, 'node_modules/.bin', command), args, options);
    },
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function linkPackages(root: string): void {
  const own = join(root, 'node_modules', scope);
  mkdirSync(own, { recursive: true });
  for (const entry of readdirSync(join(workspaceRoot, 'node_modules'))) {
    if (entry === scope || entry === '.package-lock.json') continue;
    symlinkSync(join(workspaceRoot, 'node_modules', entry), join(root, 'node_modules', entry));
  }
  for (const project of readProjects(root)) symlinkSync(join(root, project.root), join(own, project.shortName));
}

/** That of this process without what Nx tells the tasks that it runs. */
function environment(root: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(NX_|NODE_OPTIONS$|CI$|FORCE_COLOR$)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    NX_DAEMON: 'false',
    NO_COLOR: '1',
  };
}
