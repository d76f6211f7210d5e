import type { Tree } from '@nx/devkit';
import { readJson } from '../../tree/projects.ts';
import { listing, Refusal } from '../../tree/refusal.ts';
import { tryGit } from '../../tree/git.ts';

/**
 * The scope that was asked for, with its `@`: shells that read `@` otherwise may leave it out.
 *
 * @throws {Refusal} when npm would not take it, or when packages of npm have it: theirs and the workspace's could not be told
 *   apart, nor renamed again.
 */
export function checkScope(tree: Tree, asked: string): string {
  const scope = asked.startsWith('@') ? asked : `@${asked}`;
  const doing = `Cannot rename the scope to \`${asked}\``;
  if (!/^@[a-z0-9]+(-[a-z0-9]+)*$/.test(scope)) {
    throw new Refusal(`${doing}: expected an npm scope in kebab-case such as \`@acme\`, got \`${asked}\`.`);
  }
  const { packages } =
    readJson<{ packages?: Record<string, { link?: boolean }> } | null>(tree, 'package-lock.json') ?? {};
  const taken = Object.entries(packages ?? {}).find(
    ([path, { link }]) => path.includes(`node_modules/${scope}/`) && !link,
  );
  if (taken) {
    const name = taken[0].slice(taken[0].lastIndexOf(scope));
    throw new Refusal(
      `${doing}: expected a scope that no installed package has, got that of ${name} (package-lock.json). Choose another.`,
    );
  }
  return scope;
}

/**
 * Checks that whatever a rename changes can be seen and undone.
 *
 * @throws {Refusal} outside of a git repository, or when files differ from the last commit or are not in it.
 */
export function checkCommitted(root: string): void {
  const doing = 'Cannot rename the scope';
  const status = tryGit(root, ['status', '--porcelain', '--', '.'])?.split('\n').filter(Boolean);
  if (status === undefined) {
    throw new Refusal(
      `${doing}: expected ${root} to be in a git repository, from which the files to rename are known and to which they can go back. \`git init && git add -A && git commit -m start\` makes one.`,
    );
  }
  if (status.length === 0) return;
  const message = `${doing}: expected every file to be committed, got these changes. Commit them or \`git stash -u\`.`;
  throw listing(message, status, 5);
}
