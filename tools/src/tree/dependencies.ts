import type { Tree } from '@nx/devkit';
import type { Manifest } from '../workspace.ts';
import { readJson, writeJson } from './projects.ts';

/** Has a project depend on packages of the workspace; what it depends on already stays as it is. */
export function addDependencies(tree: Tree, root: string, names: readonly string[]): void {
  const file = `${root}/package.json`;
  const manifest = readJson<Manifest>(tree, file);
  const missing = names.filter((name) => !(name in (manifest.dependencies ?? {})));
  if (missing.length === 0) return;
  const dependencies = { ...manifest.dependencies, ...Object.fromEntries(missing.map((name) => [name, '*'])) };
  const sorted = Object.entries(dependencies).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeJson(tree, file, { ...manifest, dependencies: Object.fromEntries(sorted) });
}
