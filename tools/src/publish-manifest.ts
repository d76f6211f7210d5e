import type { Manifest } from './workspace.ts';

/** A manifest, and whether npm refuses to publish it. */
export interface PackageManifest extends Manifest {
  private?: boolean;
}

/** The Node that the code is written for: nothing is compiled down to an older one. */
const engines = { node: '>=24.6' };

/**
 * Packages that a caller's code speaks too. One copy must serve both, so that a range is published where the workspace
 * pins a version: schemas of two minor versions of zod have types that do not fit.
 */
const spokenByCallers = ['zod', '@opentelemetry/api'];

/**
 * The `package.json` of a library as it is published from `dist`: paths start there, the condition that leads to the
 * sources is gone, and a dependency on a package of the workspace names its exact version.
 *
 * @param options.condition The `exports` condition that leads to the sources.
 * @param options.packages Every package of the workspace, by its name.
 * @throws {Error} when the library depends on a private package of the workspace, and is not private itself.
 */
export function publishManifest(
  manifest: PackageManifest,
  { condition, packages }: { condition: string; packages: ReadonlyMap<string, PackageManifest> },
): Record<string, unknown> {
  const { devDependencies: _, files: __, nx, dependencies = {}, exports = {}, ...rest } = manifest;
  const missing = Object.keys(dependencies).filter((name) => packages.get(name)?.private);
  if (!manifest.private && missing.length > 0) {
    throw new Error(
      `Cannot make the package of ${manifest.name}: expected everything that it depends on to be published, got ${missing.join(', ')} with \`"private": true\`. Publish that as well, do without it, or make ${manifest.name} private.`,
    );
  }
  const range = (name: string, version: string) =>
    packages.get(name)?.version ?? (spokenByCallers.includes(name) ? `^${version}` : version);
  const assets = nx?.metadata?.assets;
  return {
    ...rest,
    engines,
    exports: fromDist(exports, condition),
    dependencies: Object.fromEntries(Object.entries(dependencies).map(([name, it]) => [name, range(name, it)])),
    // What `assetPath` finds the files of an installed library by.
    ...(assets && { nx: { metadata: { assets } } }),
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
