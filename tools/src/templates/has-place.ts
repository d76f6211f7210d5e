import type { Tree } from '@nx/devkit';

/** Whether a kept file has a place in a service: the test of the messages' document has none where there is no such document. */
export function hasPlace(tree: Tree, path: string): boolean {
  return !path.endsWith('/src/asyncapi.test.ts') || tree.exists(path.replace(/\.test\.ts$/, '.json'));
}
