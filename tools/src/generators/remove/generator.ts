import type { GeneratorCallback, Tree } from '@nx/devkit';
import { lockPackages } from '../../tree/lockfile.ts';
import { git } from '../../tree/git.ts';
import { checkNobodyNeeds } from './check-nobody-needs.ts';
import { checkNothingIsLost } from './check-nothing-is-lost.ts';
import { forget } from './forget.ts';
import { mentionsOf } from './mentions-of.ts';
import { projectsToRemove } from './projects-to-remove.ts';

export interface RemoveOptions {
  /** A service or a library, with or without its scope. */
  readonly name: string;
}

/**
 * Deletes a service with its contract, or a library, and what files of the workspace say of it by rule: scripts, settings of the
 * debugger, reasons of errors, links. What else speaks of it is printed.
 *
 * @throws {Refusal} when there is no such thing, others need it, or git does not have all of it; nothing is written then.
 */
export async function remove(tree: Tree, { name }: RemoveOptions): Promise<GeneratorCallback> {
  const doing = `Cannot remove \`${name}\``;
  const projects = projectsToRemove(tree, name, doing);
  const roots = projects.map(({ root }) => root);
  checkNothingIsLost(tree.root, roots, doing);
  const files = git(tree.root, ['ls-files', '--cached', '--others', '--exclude-standard', '-z']).split('\0');
  const others = files.filter((file) => !roots.some((root) => file.startsWith(`${root}/`)) && tree.exists(file));
  checkNobodyNeeds(tree, projects, others, doing);

  for (const root of roots) tree.delete(root);
  await forget(tree, projects, others);
  const link = lockPackages(tree);
  const mentions = mentionsOf(tree, projects, others);
  return async () => {
    await link();
    console.log(`\n${projects.map(({ manifest }) => manifest.name).join(' and ')}: removed. Next:\n`);
    console.log(
      '  git diff HEAD --stat\n  npx nx run-many -t lint typecheck test build e2e\n  git add -A && git commit\n',
    );
    if (mentions.length > 0) console.log(['These still speak of it:\n', ...mentions, ''].join('\n  '));
  };
}
