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
  const missed = new Map<string | undefined, Error>();
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    signal.throwIfAborted();
    try {
      const reading = await readOnce(root, name);
      if (reading) return reading;
      missed.set('', unsettled());
    } catch (error) {
      const { code, path } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') throw error;
      missed.set(path, error as Error);
    }
  }
  // What is not there at any look is not there. The kubelet deletes one generation right after it has put the next into place.
  const [first, another] = missed.values();
  throw first && !another ? first : unsettled();
}

/** `undefined` when the files have changed meanwhile. */
async function readOnce(root: string, name: string): Promise<VolumeReading | undefined> {
  const { folder, generation } = await findFolder(root, name);
  const { values: value, binary, writtenAt, stamp } = await readFolder(root, folder);
  if ((await findFolder(root, name)).folder !== folder) return undefined;
  const isSwapped = generation !== undefined;
  // Nothing says when a writer of single files has done: what is the same twice is taken.
  if (!isSwapped && (await readFolder(root, folder)).stamp !== stamp) return undefined;
  return { value, version: generation ?? writtenAt.toISOString(), folder, isSwapped, binary };
}

function unsettled(): UnsettledError {
  return new UnsettledError('the files change all the time');
}
