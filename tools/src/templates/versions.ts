import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the versions of the template stand side by side. */
export function templatesFolder(workspaceRoot: string): string {
  return join(workspaceRoot, 'tools/templates');
}

/** The files inside a service that the workspace keeps, whatever version of the template the service is in step with. */
export function keptFolder(workspaceRoot: string): string {
  return join(templatesFolder(workspaceRoot), 'kept');
}

/** The versions of the template, the oldest first. */
export function templateVersions(workspaceRoot: string): string[] {
  return readdirSync(templatesFolder(workspaceRoot)).filter(isVersion).sort(compareVersions);
}

/** The version that new services are made from. */
export function newestTemplate(workspaceRoot: string): string {
  const newest = templateVersions(workspaceRoot).at(-1);
  if (newest === undefined) throw new Error(`Expected a version in ${templatesFolder(workspaceRoot)}, got none`);
  return newest;
}

/** Whether a name is a version such as `1.2.0`. */
export function isVersion(name: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(name);
}

/** Negative when `a` is the older of two versions such as `1.2.0`. */
export function compareVersions(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((version) => version.split('.').map(Number));
  return left.map((number, index) => number - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
