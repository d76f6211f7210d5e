import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What the workspace reads from a project's `package.json`. */
export interface Manifest {
  name: string;
  version: string;
  description?: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  exports?: Record<string, unknown>;
  files?: string[];
  nx?: {
    tags?: string[];
    metadata?: {
      /** Files that must lie beside the bundle: paths in the library, or `npm:<package>/<file>`. */
      assets?: string[];
      /** What its tests use of the machine where it is there, as `needs.ts` finds it: `docker`, or a command such as `chromium`. */
      needs?: string[];
      /** The block of ports that a service listens on, by name. */
      ports?: Record<string, number>;
      /** The version of the template that a service is in step with. */
      template?: string;
    };
  };
}

/** A package of the workspace: a library, an application or the tools. */
export interface Project {
  /** The folder, relative to the workspace, such as `libs/framework/errors`. */
  root: string;
  manifest: Manifest;
  /** The package's name without its scope. */
  shortName: string;
  /** From its tag `layer:…`. */
  layer: string | undefined;
}

export function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

export function readProject(workspaceRoot: string, root: string): Project {
  return projectOf(root, readManifest(join(workspaceRoot, root, 'package.json')));
}

/** The project that a folder with this `package.json` is. */
export function projectOf(root: string, manifest: Manifest): Project {
  const tag = manifest.nx?.tags?.find((candidate) => candidate.startsWith('layer:'));
  return { root, manifest, shortName: withoutScope(manifest.name), layer: tag?.slice('layer:'.length) };
}

/** Every package that the workspace's `package.json` names under `workspaces`. */
export function readProjects(workspaceRoot: string): Project[] {
  const { workspaces = [] } = readManifest(join(workspaceRoot, 'package.json'));
  return globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: workspaceRoot },
  )
    .sort()
    .map((file) => readProject(workspaceRoot, dirname(file)));
}

/** The scope of the workspace's packages, such as `@org`: that of its own name. */
export function readScope(workspaceRoot: string): string {
  const { name } = readManifest(join(workspaceRoot, 'package.json'));
  return name.slice(0, name.indexOf('/'));
}

export function withoutScope(packageName: string): string {
  return packageName.replace(/^@[^/]+\//, '');
}

/** The tags by which eslint.config.js says who may import whom: the layer, the library, and the doors that it has for tests. */
export function tagsOf({ manifest, shortName, layer }: Project): string[] {
  const doors = ['testing', 'conformance'].filter((door) => manifest.exports?.[`./${door}`] !== undefined);
  return [`layer:${layer}`, `lib:${shortName}`, ...doors.map((door) => `door:${door}`)];
}
