import { visitNotIgnoredFiles, type Tree } from '@nx/devkit';
import { uncommittedIn } from '../tree/git.ts';
import type { ServiceProjects } from '../tree/projects.ts';
import { listing, Refusal } from '../tree/refusal.ts';

/**
 * Checks that no conflict of an earlier upgrade waits to be resolved.
 *
 * @throws {Refusal} listing the files that have marks.
 */
export function checkResolved(tree: Tree, services: readonly ServiceProjects[], doing: string): void {
  const marked: string[] = [];
  for (const root of rootsOf(services)) {
    visitNotIgnoredFiles(tree, root, (file) => {
      if (/^>>>>>>> template \d/m.test(tree.read(file, 'utf8') ?? '')) marked.push(file);
    });
  }
  if (marked.length === 0) return;
  throw listing(
    `${doing}: conflicts of an earlier upgrade are marked in these files. Resolve them and commit.`,
    marked,
  );
}

/**
 * Checks that what an upgrade will do to services can be seen by itself, and undone.
 *
 * @throws {Refusal} outside of a git repository, or listing what of their folders differs from the last commit.
 */
export function checkCommitted(workspaceRoot: string, services: readonly ServiceProjects[], doing: string): void {
  const changed = uncommittedIn(workspaceRoot, rootsOf(services));
  if (changed === undefined) {
    throw new Refusal(`${doing}: expected ${workspaceRoot} to be in a git repository, by which it can be undone.`);
  }
  if (changed.length === 0) return;
  const what =
    'expected the services to be committed, so that what changes is seen by itself and can be undone, got these';
  throw listing(`${doing}: ${what}. Commit them or \`git stash --include-untracked\`.`, changed);
}

function rootsOf(services: readonly ServiceProjects[]): string[] {
  return services.flatMap(({ app, contract }) => [app.root, contract.root]);
}
