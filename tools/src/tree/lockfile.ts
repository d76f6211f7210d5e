import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installPackagesTask, type GeneratorCallback, type Tree } from '@nx/devkit';
import type { Manifest } from '../workspace.ts';
import { checkOwnModules } from './own-modules.ts';
import { projectsIn, readJson, scopeOf, writeJson } from './projects.ts';

interface Lockfile {
  packages: Record<string, { link?: boolean; version?: string }>;
}

/** What npm keeps of a workspace's package in the lock file, in its order. */
const locked = [
  'name',
  'version',
  'hasInstallScript',
  'license',
  'dependencies',
  'bin',
  'devDependencies',
  'engines',
  'funding',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
] as const;

/** What npm writes in another form than a `package.json` has it: that stays as npm wrote it. */
const ofNpm: readonly string[] = ['hasInstallScript', 'bin', 'funding'];

/**
 * Brings `package-lock.json` in step with the packages of the tree, as npm would, without asking a registry: what is new is a
 * link and a list of dependencies. `npm ci` works afterwards.
 *
 * @returns what to do once the tree is written: the links in `node_modules`, or `npm install` when a package of npm is not
 *   locked yet in that version.
 * @throws {Refusal} when that would change the packages of another workspace, which this one has by a link.
 */
export function lockPackages(tree: Tree): GeneratorCallback {
  const scope = scopeOf(tree);
  const before = readJson<Lockfile>(tree, 'package-lock.json');
  const projects = projectsIn(tree);
  const others = Object.entries(before.packages).filter(
    ([path, entry]) => path === '' || (path.includes('node_modules/') && !('link' in entry)),
  );
  const own = projects.flatMap(({ root, manifest }) => [
    [root, entryOf(manifest, before.packages[root])] as const,
    [`node_modules/${manifest.name}`, { resolved: root, link: true }] as const,
  ]);
  const packages: Lockfile['packages'] = Object.fromEntries<object>(
    [...others, ...own].sort(([a], [b]) => a.localeCompare(b, 'en')),
  );
  if (JSON.stringify(packages) !== JSON.stringify(before.packages)) {
    writeJson(tree, 'package-lock.json', { ...before, packages });
  }

  const isLocked = (root: string, [name, range]: [string, string]) => {
    const entry = packages[`${root}/node_modules/${name}`] ?? packages[`node_modules/${name}`];
    // Whether a range holds is for npm to say.
    return entry !== undefined && (entry.link === true || entry.version === range || !/^\d/.test(range));
  };
  const unlocked = projects.some(
    ({ root, manifest: { dependencies, devDependencies } }) =>
      !Object.entries({ ...dependencies, ...devDependencies }).every((each) => isLocked(root, each)),
  );
  if (unlocked) {
    checkOwnModules(tree.root, 'Cannot install what package-lock.json does not have yet');
    return () => installPackagesTask(tree, true);
  }
  const links = new Map(projects.map(({ root, shortName }) => [shortName, root]));
  const folder = `node_modules/${scope}`;
  const present = existsSync(join(tree.root, folder)) ? readdirSync(join(tree.root, folder)) : [];
  const superfluous = present.filter((name) => !links.has(name));
  const missing = [...links].filter(([name]) => !present.includes(name));
  if (superfluous.length + missing.length > 0) {
    checkOwnModules(tree.root, `Cannot link the packages of the workspace in ${folder}`, [folder]);
  }
  return () => {
    const path = (name: string) => join(tree.root, folder, name);
    mkdirSync(path(''), { recursive: true });
    for (const name of superfluous) rmSync(path(name));
    for (const [name, target] of missing) symlinkSync(relative(path(''), join(tree.root, target)), path(name));
  };
}

function entryOf(manifest: Manifest, before: object = {}): object {
  const [own, written] = [manifest, before] as unknown[] as Record<string, unknown>[];
  const kept = locked.map((key) => [key, ofNpm.includes(key) ? written![key] : sorted(own![key])] as const);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined));
}

/** A list of dependencies in the order of npm; an empty one is left out. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
