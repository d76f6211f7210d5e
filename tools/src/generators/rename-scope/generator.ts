import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { logger, type GeneratorCallback, type Tree } from '@nx/devkit';
import { scopeOf } from '../../tree/projects.ts';
import { checkCommitted, checkScope } from './check-scope.ts';
import { trackedFiles } from '../../tree/git.ts';
import { checkOwnModules } from '../../tree/own-modules.ts';
import { renameFile, type Renaming } from './rename-file.ts';

/** What `nx g rename-scope` is told; its schema says what each means. */
export interface RenameScopeOptions {
  scope: string;
}

/**
 * Gives the workspace another npm scope: in names, imports, the `exports` condition, documents and tests. Under the scope that
 * it has already it changes nothing.
 *
 * @throws {Refusal} when the scope is no name or that of packages from npm, when the last commit is not all there is, or
 *   when `node_modules` is a link.
 */
export async function renameScope(tree: Tree, options: RenameScopeOptions): Promise<GeneratorCallback | undefined> {
  const renaming = { from: scopeOf(tree), to: checkScope(tree, options.scope) };
  if (renaming.from === renaming.to) {
    logger.info(`The scope is ${renaming.to} already.`);
    return undefined;
  }
  checkCommitted(tree.root);
  checkOwnModules(tree.root, `Cannot rename the scope to ${renaming.to}`, []);
  for (const path of trackedFiles(tree.root)) {
    const renamed = await renameFile(tree.root, path, tree.read(path)!, renaming);
    if (renamed !== undefined) tree.write(path, renamed);
  }
  return () => {
    moveLinks(tree.root, renaming);
    logger.info(`\nThe scope is ${renaming.to} now. Next: \`npm test\`, and a commit of its own.`);
  };
}

/** The links are relative to their folder, so they stay right in one beside it. */
function moveLinks(root: string, { from, to }: Renaming): void {
  const modules = join(root, 'node_modules');
  rmSync(join(modules, to), { recursive: true, force: true });
  renameSync(join(modules, from), join(modules, to));
}
