import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A package that the service consists of. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
}

/** The packages of the service, by name, and whether the build says so or the installation does. */
export interface Dependencies {
  readonly source: 'bundle' | 'installation';
  readonly packages: readonly Dependency[];
}

/**
 * What the service consists of: what the build wrote into `dependencies.json` beside the bundle; from source what is
 * installed for the program that runs, development dependencies apart.
 */
export async function readDependencies(directory: string, program: string): Promise<Dependencies> {
  const beside = join(directory, 'dependencies.json');
  if (existsSync(beside)) {
    return { source: 'bundle', packages: JSON.parse(await readFile(beside, 'utf8')) as Dependency[] };
  }
  const packages = await installedPackages(dirname(program));
  packages.sort((one, other) => compare(one.name, other.name) || compare(one.version, other.version));
  return { source: 'installation', packages };
}

async function installedPackages(folder: string): Promise<Dependency[]> {
  const own = ancestors(folder).find(holdsPackage);
  if (own === undefined) return [];
  const program = await realpath(own);
  const roots = new Set([program]);
  const found: Dependency[] = [];
  // A set may grow while it is walked: what is added is visited later.
  for (const root of roots) {
    const { name, version, dependencies = {} } = await readManifest(root);
    if (root !== program) found.push({ name, version });
    for (const dependency of Object.keys(dependencies)) {
      const places = ancestors(root).map((candidate) => join(candidate, 'node_modules', dependency));
      const place = places.find(holdsPackage);
      if (place !== undefined) roots.add(await realpath(place));
    }
  }
  return found;
}

function holdsPackage(folder: string): boolean {
  return existsSync(join(folder, 'package.json'));
}

interface Manifest extends Dependency {
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function readManifest(root: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
}

/** The folder itself and all folders above it. */
function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
