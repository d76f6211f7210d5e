import { basename } from 'node:path';
import { Refusal } from '../../tree/refusal.ts';
import { git } from '../../tree/git.ts';

/**
 * Checks that what is deleted can come back: git has all of it. What builds and tests made may go, a `.env` that somebody wrote may not.
 *
 * @throws {Refusal} listing what would be lost.
 */
export function checkNothingIsLost(workspaceRoot: string, roots: readonly string[], doing: string): void {
  const places = roots.join(' and ');
  const lost = uncommitted(workspaceRoot, roots);
  if (!lost) {
    throw new Refusal(`${doing}: expected ${places} to be in a git repository, from which they can come back.`);
  }
  if (lost.length === 0) return;
  const shown = lost.slice(0, 10).map((line) => `    ${line}`);
  const more = lost.length > shown.length ? [`    and ${lost.length - shown.length} more`] : [];
  const message = `${doing}: expected git to have all of ${places}, got these, which would be lost. Commit or delete them.`;
  throw new Refusal([message, '', ...shown, ...more].join('\n'));
}

/** Lines of `git status`, and ignored `.env` files; `undefined` outside of a repository. */
function uncommitted(workspaceRoot: string, roots: readonly string[]): string[] | undefined {
  const list = (...args: string[]) =>
    git(workspaceRoot, [...args, '--', ...roots])
      .split('\n')
      .filter(Boolean);
  try {
    const ignored = list('ls-files', '--others', '--ignored', '--exclude-standard').filter(
      (file) => /^\.env/.test(basename(file)) && !file.includes('/node_modules/'),
    );
    return [...list('status', '--porcelain', '--untracked-files=all'), ...ignored.map((file) => `!! ${file}`)];
  } catch {
    return undefined;
  }
}
