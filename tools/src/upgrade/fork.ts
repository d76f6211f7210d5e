import type { Tree } from '@nx/devkit';
import { FsTree } from 'nx/src/generators/tree';

/** A tree of its own with the changes of another: what is done to it can be thrown away. */
export function fork(tree: Tree): Tree {
  const copy = new FsTree(tree.root, false);
  applyChanges(tree, copy);
  return copy;
}

/** Does to a tree without changes what was done to another. */
export function applyChanges(from: Tree, to: Tree): void {
  for (const { path, type, content } of from.listChanges()) {
    if (type === 'DELETE') to.delete(path);
    else to.write(path, content!);
  }
}

/** The paths, files and deleted folders, in which a tree differs from the one that it was forked from. */
export function differences(before: Tree, after: Tree): string[] {
  const paths = new Set([...before.listChanges(), ...after.listChanges()].map(({ path }) => path));
  const differs = (path: string) =>
    before.exists(path) !== after.exists(path) || before.read(path, 'utf8') !== after.read(path, 'utf8');
  return [...paths].filter(differs).sort();
}
