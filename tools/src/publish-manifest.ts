import type { Manifest } from './workspace.ts';

/**
 * The `package.json` of a library as it is published from `dist`: paths start there, the condition that leads to the
 * sources is gone, and a dependency on a package of the workspace names its exact version.
 */
export function publishManifest(
  manifest: Manifest,
  { condition, versions }: { condition: string; versions: ReadonlyMap<string, string> },
): Record<string, unknown> {
  const { devDependencies: _, files: __, dependencies = {}, exports = {}, ...rest } = manifest;
  return {
    ...rest,
    exports: fromDist(exports, condition),
    dependencies: Object.fromEntries(
      Object.entries(dependencies).map(([name, range]) => [name, versions.get(name) ?? range]),
    ),
  };
}

function fromDist(entry: unknown, condition: string): unknown {
  if (typeof entry === 'string') return entry.replace(/^\.\/dist\//, './');
  if (typeof entry !== 'object' || entry === null) return entry;
  return Object.fromEntries(
    Object.entries(entry)
      .filter(([key]) => key !== condition)
      .map(([key, value]) => [key, fromDist(value, condition)]),
  );
}
