import { execFileSync } from 'node:child_process';

/** The commit that is checked out, with `-dirty` if files differ from it; `undefined` outside of a repository. */
export function currentCommit(folder: string): string | undefined {
  const line = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'];
  try {
    return execFileSync('git', line, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
