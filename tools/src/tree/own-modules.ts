import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './refusal.ts';

/**
 * Refuses to change packages through a link: what is behind it belongs to another workspace, which shares its own.
 *
 * @param folders Those in which something is to change, such as `node_modules/@org`. Default: all into which npm writes.
 * @throws {Refusal}
 */
export function checkOwnModules(root: string, doing: string, folders = foldersOfNpm(root)): void {
  const link = ['node_modules', ...folders].find((folder) => isLink(join(root, folder)));
  if (link === undefined) return;
  const target = realpathSync(join(root, link));
  throw new Refusal(
    `${doing}: ${link} is a link to ${target}, where it would change the packages of another workspace. ` +
      'Nothing was written. Delete the link, run `npm ci`, and try again.',
  );
}

/** Packages are put into scopes, and programs into `.bin`; a package that is a link itself is replaced as a whole. */
function foldersOfNpm(root: string): string[] {
  const modules = join(root, 'node_modules');
  if (!lstatSync(modules, { throwIfNoEntry: false })) return [];
  const names = readdirSync(modules).filter((name) => /^[.@]/.test(name));
  return names.map((name) => join('node_modules', name));
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
