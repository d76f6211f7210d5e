import { isUtf8 } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatText } from '../../tree/format.ts';
import { trackedFiles } from '../../tree/git.ts';
import { renameText } from './rename-text.ts';

/** The scope that a workspace has, and the one that it gets, such as `@org`. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

interface Lockfile {
  packages: Record<string, Record<string, unknown>>;
}

/**
 * A file of the workspace with the scope renamed, formatted as before: lines become longer or shorter with the scope.
 *
 * @returns `undefined` where nothing changes, as in what is no text.
 */
export async function renameFile(
  workspaceRoot: string,
  path: string,
  content: Buffer,
  { from, to }: Renaming,
): Promise<string | undefined> {
  if (content.includes(0) || !isUtf8(content)) return undefined;
  const text = content.toString('utf8');
  const renamed = renameText(text, from, to);
  if (renamed === text) return undefined;
  if (path === 'package-lock.json') return sortLockfile(renamed);
  // What Prettier cannot read, such as an example of a mistake, was not formatted before either.
  return formatText(workspaceRoot, path, renamed).catch(() => renamed);
}

/** Renames the scope in every file that git tracks in a folder. `environment`: where git has its index, if somewhere else. */
export async function renameFiles(folder: string, renaming: Renaming, environment?: NodeJS.ProcessEnv): Promise<void> {
  for (const path of trackedFiles(folder, environment)) {
    const file = join(folder, path);
    const renamed = await renameFile(folder, path, readFileSync(file), renaming);
    if (renamed !== undefined) writeFileSync(file, renamed);
  }
}

/** Orders what npm keeps in order, so that the next `npm install` moves nothing. */
function sortLockfile(text: string): string {
  const lockfile = JSON.parse(text) as Lockfile;
  const packages = Object.entries(lockfile.packages).map(([path, entry]) => [path, sortDependencies(entry)] as const);
  return `${JSON.stringify({ ...lockfile, packages: sortKeys(Object.fromEntries(packages)) }, undefined, 2)}\n`;
}

function sortDependencies(entry: Record<string, unknown>): Record<string, unknown> {
  const sorted = Object.entries(entry).map(([key, value]) =>
    /[dD]ependencies$/.test(key) ? [key, sortKeys(value as Record<string, unknown>)] : [key, value],
  );
  return Object.fromEntries(sorted) as Record<string, unknown>;
}

function sortKeys<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => a.localeCompare(b, 'en')));
}
