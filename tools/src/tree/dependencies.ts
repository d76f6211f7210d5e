import type { Tree } from '@nx/devkit';
import type { Manifest } from '../workspace.ts';
import { readJson, writeJson } from './projects.ts';

/**
 * Has a project depend on packages; what it depends on already stays as it is.
 *
 * @param names Of the workspace.
 * @param versions Of packages of npm, by their names.
 */
export function addDependencies(
  tree: Tree,
  root: string,
  names: readonly string[],
  versions: Readonly<Record<string, string>> = {},
): void {
  const file = `${root}/package.json`;
  const manifest = readJson<Manifest>(tree, file);
  const present = manifest.dependencies ?? {};
  const wanted = { ...Object.fromEntries(names.map((name) => [name, '*'])), ...versions };
  if (Object.keys(wanted).every((name) => name in present)) return;
  const dependencies = { ...wanted, ...present };
  const sorted = Object.entries(dependencies).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeJson(tree, file, { ...manifest, dependencies: Object.fromEntries(sorted) });
}
