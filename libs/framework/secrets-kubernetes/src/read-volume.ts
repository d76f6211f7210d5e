import type { SecretReading } from '@org/secrets';
import { findFolder } from './find-folder.ts';
import { readFolder } from './read-folder.ts';

/** How often a reading begins again because the files changed under it. */
const attempts = 5;

export interface VolumeReading extends SecretReading {
  /** Where the files were read. */
  readonly folder: string;
  /** Whether a kubelet swaps whole generations there, so that keys belong together. */
  readonly isSwapped: boolean;
  readonly binary: readonly string[];
}

/** The files change faster than they can be read. */
export class UnsettledError extends Error {
  override readonly name = 'UnsettledError';
}

/**
 * Reads all files of a name, of one generation: when the folder or, without a kubelet's swap, any file is another after it than
 * before, it is read again.
 *
 * @throws {UnsettledError | EscapeError | TooLargeError} errors of the file system.
 */
export async function readVolume(root: string, name: string, signal: AbortSignal): Promise<VolumeReading> {
  let gone: Error | undefined;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    signal.throwIfAborted();
    const before = await findFolder(root, name);
    try {
      const read = await readFolder(root, before.folder);
      const after = await findFolder(root, name);
      if (after.folder !== before.folder) continue;
      const isSwapped = before.generation !== undefined;
      // Nothing says when a writer of single files has done: what is the same twice is taken.
      if (!isSwapped && (await readFolder(root, after.folder)).stamp !== read.stamp) continue;
      const { values: value, binary, writtenAt } = read;
      const version = before.generation ?? writtenAt.toISOString();
      return { value, version, folder: before.folder, isSwapped, binary };
    } catch (error) {
      // The kubelet deletes the old generation right after it has put the new one into place.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      gone = error as Error;
    }
  }
  throw gone ?? new UnsettledError('the files change all the time');
}
