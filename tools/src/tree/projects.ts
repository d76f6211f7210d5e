import type { Tree } from '@nx/devkit';
import { projectOf, withoutScope, type Manifest, type Project } from '../workspace.ts';
import { Refusal } from './refusal.ts';

/** Every package that the workspace's `package.json` names under `workspaces`, as the tree has them. */
export function projectsIn(tree: Tree): Project[] {
  return readJson<Manifest>(tree, 'package.json')
    .workspaces!.flatMap((pattern) => rootsOf(tree, pattern))
    .sort()
    .map((root) => projectOf(root, readJson<Manifest>(tree, `${root}/package.json`)));
}

/** The scope of the workspace's packages, such as `@org`. */
export function scopeOf(tree: Tree): string {
  const { name } = readJson<Manifest>(tree, 'package.json');
  return name.slice(0, name.indexOf('/'));
}

/** A service and its contract. */
export interface ServiceProjects {
  readonly name: string;
  readonly app: Project;
  readonly contract: Project;
}

/** The services of the workspace: the applications that have a contract. */
export function servicesIn(tree: Tree): ServiceProjects[] {
  const projects = projectsIn(tree);
  return projects
    .filter(({ root }) => root.startsWith('apps/'))
    .flatMap((app) => {
      const contract = projects.find(({ manifest }) => manifest.name === `${app.manifest.name}-contract`);
      return contract ? [{ name: app.shortName, app, contract }] : [];
    });
}

/**
 * A service by its name, with or without the scope.
 *
 * @throws {Refusal} naming the services that there are.
 */
export function serviceIn(tree: Tree, name: string, doing: string): ServiceProjects {
  const services = servicesIn(tree);
  const found = services.find((service) => service.name === withoutScope(name));
  if (found) return found;
  const names = services.map((service) => `\`${service.name}\``).join(', ') || 'none';
  throw new Refusal(`${doing}: there is no service \`${name}\`. The services of this workspace: ${names}.`);
}

export function readJson<Content>(tree: Tree, file: string): Content {
  return JSON.parse(tree.read(file, 'utf8') ?? 'null') as Content;
}

export function writeJson(tree: Tree, file: string, content: unknown): void {
  tree.write(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** The folders that a pattern such as `apps/*` or `bench` stands for. */
function rootsOf(tree: Tree, pattern: string): string[] {
  const parent = /^(.+)\/\*$/.exec(pattern)?.[1];
  const folders = parent === undefined ? [pattern] : tree.children(parent).map((child) => `${parent}/${child}`);
  return folders.filter((folder) => tree.isFile(`${folder}/package.json`));
}
