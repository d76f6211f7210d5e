import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const workspaceRoot = join(import.meta.dirname, '../..');

/** A copy of this workspace in a temporary folder: its files, in a repository of their own, and no npm packages yet. */
export interface WorkspaceCopy extends AsyncDisposable {
  readonly root: string;
  /** The scope of its packages, such as `@org`. */
  readonly scope: string;
  /** Runs a command in it, and gives the time that it took, in milliseconds. */
  readonly run: (command: readonly string[], environment?: Readonly<Record<string, string>>) => number;
  /** Makes what its files are now the state that `reset` goes back to. */
  commit(): void;
  reset(): void;
}

const made = ['node_modules', 'dist', '.nx', '.git', '.data', '.reports'];

export function copyWorkspace(): WorkspaceCopy {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bench-workspace-')));
  cpSync(workspaceRoot, root, { recursive: true, filter: (file) => !made.includes(basename(file)) });
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string };

  function run([command, ...rest]: readonly string[], environment: Readonly<Record<string, string>> = {}): number {
    const inherited = Object.entries(process.env).filter(([variable]) => !/^(NX_|NODE_OPTIONS$|CI$)/.test(variable));
    // The packages' own Node comes first, before the system's.
    const PATH = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`;
    const env = { ...Object.fromEntries(inherited), NX_DAEMON: 'false', ...environment, PATH };
    const before = performance.now();
    const { status, stdout, stderr } = spawnSync(command!, rest, {
      cwd: root,
      env,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const took = performance.now() - before;
    if (status === 0) return took;
    throw new Error(`Cannot measure: \`${[command, ...rest].join(' ')}\` ended with ${status}\n${stdout}${stderr}`);
  }

  const git = (...command: string[]) =>
    run(['git', '-c', 'user.name=Bench', '-c', 'user.email=bench@example.com', ...command]);
  git('init', '--quiet');
  return {
    root,
    scope: name.slice(0, name.indexOf('/')),
    run,
    commit() {
      git('add', '--all');
      git('commit', '--quiet', '--message', 'As it is now');
    },
    reset() {
      git('reset', '--quiet', '--hard');
      git('clean', '--quiet', '--force', '-d');
    },
    async [Symbol.asyncDispose]() {
      try {
        run(['nx', 'daemon', '--stop']);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
  };
}

/** Gives the copy the npm packages of this workspace without a download: as links, beside links to its own. */
export function linkPackages({ root, scope }: WorkspaceCopy): void {
  mkdirSync(join(root, 'node_modules'));
  for (const entry of readdirSync(join(workspaceRoot, 'node_modules'))) {
    const [source, target] = [workspaceRoot, root].map((each) => join(each, 'node_modules', entry)) as [string, string];
    if (entry === scope) cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    else if (entry !== '.package-lock.json') symlinkSync(source, target);
  }
}
