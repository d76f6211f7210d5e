import type { Tree } from '@nx/devkit';
import { sourceOf } from './edit-file.ts';
import { constantOf } from './find.ts';
import { Refusal } from '../tree/refusal.ts';

/**
 * Checks that no file of a folder has a constant of this name.
 *
 * @throws {Refusal} naming the file that has one.
 */
export function checkNoConstant(tree: Tree, folder: string, name: string, doing: string): void {
  const files = tree.children(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const taken = files.find((file) => constantOf(sourceOf(tree, `${folder}/${file}`), name) !== undefined);
  if (taken === undefined) return;
  throw new Refusal(
    `${doing}: it would be called \`${name}\`, which ${folder}/${taken} has already. Rename that one first.`,
  );
}
