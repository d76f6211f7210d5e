import type { Tree } from '@nx/devkit';

/** Whether a kept file has a place in a service: the test of a contract's document has none where there is no such document. */
export function hasPlace(tree: Tree, path: string): boolean {
  return !/\/src\/(?:openapi|asyncapi)\.test\.ts$/.test(path) || tree.exists(path.replace(/\.test\.ts$/, '.json'));
}
