import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../tree/git.ts';
import { renameFiles } from '../generators/rename-scope/rename-file.ts';
import { readProjects, readScope } from '../workspace.ts';
import { checkOut } from './checkout.ts';

/** Two versions of the workspace that this one was cloned from: tags, branches or commits there. */
export interface UpstreamStep {
  /** The version that this workspace has. */
  readonly from: string;
  /** The version that it is to have. */
  readonly to: string;
}

/** Merged line by line, a lock file can come out wrong without a conflict; npm brings it in step with the manifests. */
const leftOut = 'package-lock.json';

/**
 * Makes a branch whose last commit is what changed upstream between two versions, under the scope of this workspace and
 * without the projects that were removed from it and without `package-lock.json`. Changes no file and no other branch.
 *
 * @returns the branch, `upstream-<to>`; one of an earlier run is replaced.
 * @throws {Error} with what git says, when there is no remote `upstream` or no such version in it.
 */
export async function renameUpstream(workspaceRoot: string, { from, to }: UpstreamStep): Promise<string> {
  const [before, after] = [fetchVersion(workspaceRoot, from), fetchVersion(workspaceRoot, to)];
  const removed = [leftOut, ...removedProjects(workspaceRoot, before)];
  const base = commit(workspaceRoot, await renamedTree(workspaceRoot, before, removed), `Upstream ${from}`);
  const step = commit(
    workspaceRoot,
    await renamedTree(workspaceRoot, after, removed),
    `Upstream ${from} to ${to}`,
    base,
  );
  const branch = `upstream-${to}`;
  git(workspaceRoot, ['branch', '--force', branch, step]);
  return branch;
}

/** Tags are not kept: those of upstream may be called as tags of this repository are. */
function fetchVersion(workspaceRoot: string, version: string): string {
  git(workspaceRoot, ['fetch', '--quiet', '--no-tags', 'upstream', version]);
  return git(workspaceRoot, ['rev-parse', '--verify', 'FETCH_HEAD^{commit}']).trim();
}

/** The folders of the projects that a version has and this workspace has not, wherever else it may have put them. */
function removedProjects(workspaceRoot: string, version: string): string[] {
  using checkout = checkOut(workspaceRoot, version);
  const own = new Set(readProjects(workspaceRoot).map(({ shortName }) => shortName));
  return readProjects(checkout.folder)
    .filter(({ shortName }) => !own.has(shortName))
    .map(({ root }) => root);
}

/** Puts the files of a version under the scope of this workspace, and gives them as a tree of git. */
async function renamedTree(workspaceRoot: string, version: string, removed: readonly string[]): Promise<string> {
  using checkout = checkOut(workspaceRoot, version);
  const { folder, environment } = checkout;
  const renaming = { from: readScope(folder), to: readScope(workspaceRoot) };
  for (const root of removed) rmSync(join(folder, root), { recursive: true, force: true });
  git(folder, ['add', '--update'], environment);
  await renameFiles(folder, renaming, environment);
  git(folder, ['add', '--update'], environment);
  return git(folder, ['write-tree'], environment).trim();
}

function commit(workspaceRoot: string, tree: string, message: string, parent?: string): string {
  const parents = parent === undefined ? [] : ['-p', parent];
  return git(workspaceRoot, ['commit-tree', tree, ...parents, '-m', message]).trim();
}
