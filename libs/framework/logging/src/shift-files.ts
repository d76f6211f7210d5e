import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';

// A process that was killed while it shifted leaves its lock; shifting takes a few milliseconds.
const staleMs = 10_000;

/**
 * Moves a file to `<path>.1`, after that one to `<path>.2` and so on; of more than `keep` the oldest is overwritten.
 * A lock file keeps other processes out meanwhile. False when another one is at it, or when `isStill` says that the file
 * has been moved already.
 *
 * @throws what the system says, such as EACCES when the folder cannot be written.
 */
export function shiftFiles(path: string, keep: number, isStill: () => boolean): boolean {
  const lock = `${path}.lock`;
  if (!takeLock(lock)) return false;
  try {
    if (!isStill()) return false;
    for (let index = keep - 1; index > 0; index -= 1) renameIfThere(`${path}.${index}`, `${path}.${index + 1}`);
    renameSync(path, `${path}.1`);
    return true;
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = statSync(lock, { throwIfNoEntry: false });
    if (found && Date.now() - found.mtimeMs > staleMs) rmSync(lock, { force: true });
    return false;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
