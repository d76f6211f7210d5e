import { spawnSync } from 'node:child_process';

/**
 * Runs git in a folder, and gives what it prints.
 *
 * @throws {Error} with what git says, when it fails.
 */
export function git(folder: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${(error?.message ?? stderr).trim()}`);
  return stdout;
}

/** The same where a failure is an answer, such as outside of a repository: `undefined`. */
export function tryGit(folder: string, args: readonly string[]): string | undefined {
  try {
    return git(folder, args);
  } catch {
    return undefined;
  }
}

/**
 * What differs from the last commit in some places, as lines of `git status`, each new file by itself; `undefined` outside of a
 * repository.
 */
export function uncommittedIn(folder: string, places: readonly string[]): string[] | undefined {
  const status = tryGit(folder, ['status', '--porcelain', '--untracked-files=all', '--', ...places]);
  return status?.split('\n').filter(Boolean);
}

/** The files that git tracks in a folder, without links and submodules. */
export function trackedFiles(folder: string, environment?: NodeJS.ProcessEnv): string[] {
  const entries = git(folder, ['ls-files', '--stage', '-z'], environment).split('\0');
  return entries.filter((entry) => entry.startsWith('100')).map((entry) => entry.slice(entry.indexOf('\t') + 1));
}
