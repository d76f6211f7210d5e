import { closeSync, fsyncSync, openSync } from 'node:fs';
import { ServiceError } from '@org/errors';
import type { Handler } from './handler.ts';
import { createWholeWriter } from './write-whole.ts';

const ownerWritesGroupReads = 0o640;

/** Appends lines to a file. */
export interface FileHandler extends Handler {
  /** Opens the path anew, after somebody moved the file away. When that fails, the old file stays in use. */
  reopen(): void;
  /** Waits until the system has the lines on the disk, where there is one. */
  flush(): void;
  /** Nothing is written from now on. */
  close(): void;
}

/**
 * Opens a log file to append to; its folder must exist.
 *
 * @throws {ServiceError} `failed_precondition` LOG_FILE_UNUSABLE when it cannot be opened, here and in `reopen`.
 */
export function openFileHandler(path: string): FileHandler {
  const writer = createWholeWriter();
  let descriptor: number | undefined = open(path);
  return {
    write(line) {
      if (descriptor !== undefined) writer.write(descriptor, line);
    },
    reopen() {
      if (descriptor === undefined) return;
      const replaced = descriptor;
      descriptor = open(path);
      closeSync(replaced);
    },
    flush() {
      try {
        if (descriptor !== undefined) fsyncSync(descriptor);
      } catch {
        // The path may be a device or a pipe, which has nothing to wait for.
      }
    },
    close() {
      if (descriptor === undefined) return;
      const closed = descriptor;
      descriptor = undefined;
      closeSync(closed);
    },
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'a', ownerWritesGroupReads);
  } catch (cause) {
    const why = (cause as Error).message;
    const message = `Cannot write the log to the file ${path}: ${why}. Make it writable, or change LOG_FILE`;
    throw new ServiceError('failed_precondition', message, { reason: 'LOG_FILE_UNUSABLE', cause });
  }
}
