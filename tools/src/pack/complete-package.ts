import { cpSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Adds what a package holds besides its code: the library's `README.md` and `CHANGELOG.md`, and the workspace's `LICENSE`.
 * Whatever there is of them. A build leaves them out, so that an edit of a README compiles nothing again.
 *
 * @param library The library's folder.
 * @param folder What is published.
 */
export function completePackage(workspaceRoot: string, library: string, folder: string): void {
  const files = [join(library, 'README.md'), join(library, 'CHANGELOG.md'), join(workspaceRoot, 'LICENSE')];
  for (const file of files.filter((candidate) => existsSync(candidate))) cpSync(file, join(folder, basename(file)));
}
