import { lstat, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** The folder that holds the files of a secret now. */
export interface FoundFolder {
  /** Without symbolic links. */
  readonly folder: string;
  /** The kubelet's name for this generation of the volume; `undefined` where no kubelet swaps generations. */
  readonly generation: string | undefined;
}

/** The link that the kubelet renames into place when all files of a generation are written. */
const dataLink = '..data';

/**
 * Finds the folder of a name: in the volume that is mounted there, in the one that is mounted at the root, or as it is.
 *
 * @throws {EscapeError} when links lead out of the root; errors of the file system.
 */
export async function findFolder(root: string, name: string): Promise<FoundFolder> {
  const place = join(root, name);
  const top = await realpath(root);
  if (await isLink(join(place, dataLink))) return generationOf(top, await realpath(join(place, dataLink)));
  const isInRoot = (await isLink(join(root, dataLink))) && (await isLink(place));
  if (!isInRoot) return { folder: inside(top, await realpath(place)), generation: undefined };
  // The name is a link into the kubelet's: resolved only once, it cannot change on the way.
  const data = generationOf(top, await realpath(join(root, dataLink)));
  return { ...data, folder: inside(top, await realpath(join(data.folder, name))) };
}

/** Links that lead out of the folder of secrets. */
export class EscapeError extends Error {
  override readonly name = 'EscapeError';
}

/** @throws {EscapeError} */
export function inside(top: string, path: string): string {
  if (path.startsWith(top === '/' ? top : `${top}/`)) return path;
  throw new EscapeError('a link leads out of the folder of secrets');
}

function generationOf(top: string, folder: string): FoundFolder {
  return { folder: inside(top, folder), generation: basename(folder).replace(/^\.+/, '') };
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false;
      throw error;
    },
  );
}
