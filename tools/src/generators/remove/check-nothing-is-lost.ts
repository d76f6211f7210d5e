import { basename } from 'node:path';
import { listing, Refusal } from '../../tree/refusal.ts';
import { tryGit, uncommittedIn } from '../../tree/git.ts';

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
  const message = `${doing}: expected git to have all of ${places}, got these, which would be lost. Commit or delete them.`;
  throw listing(message, lost);
}

/** Lines of `git status`, and ignored `.env` files; `undefined` outside of a repository. */
function uncommitted(workspaceRoot: string, roots: readonly string[]): string[] | undefined {
  const changed = uncommittedIn(workspaceRoot, roots);
  const ignored = tryGit(workspaceRoot, ['ls-files', '--others', '--ignored', '--exclude-standard', '--', ...roots]);
  if (changed === undefined || ignored === undefined) return undefined;
  const kept = ignored
    .split('\n')
    .filter((file) => /^\.env/.test(basename(file)) && !file.includes('/node_modules/'))
    .map((file) => `!! ${file}`);
  return [...changed, ...kept];
}
