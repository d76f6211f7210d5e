import { closeSync, fstatSync, fsyncSync, openSync, readSync, statSync } from 'node:fs';
import { ServiceError } from '@org/errors';
import { shiftFiles } from './shift-files.ts';
import { createWholeWriter, type Failure, type WholeWriter } from './write-whole.ts';

const ownerWritesGroupReads = 0o640;
const lookEveryMs = 1_000;

export interface LogFileOptions {
  /** Bytes from which on the file is moved away; 0 never. */
  readonly maxSize: number;
  /** Age in milliseconds from which on the file is moved away, by the next line; 0 never. */
  readonly maxAgeMs: number;
  /** How many of the files that were moved away stay. */
  readonly keep: number;
  /** Told when rotation begins to fail: the file that is open stays in use. */
  readonly onTrouble: (message: string, error: unknown) => void;
}

/** A file to which lines are appended. */
export interface LogFile {
  /** Writes whole lines. */
  write(bytes: Buffer): Failure | undefined;
  /** Opens the path anew. When that fails, the old file stays in use. */
  reopen(): void;
  /** Waits until the system has the lines on the disk, where there is one. */
  sync(): void;
  /** Nothing is written from now on. */
  close(): void;
}

interface OpenFile {
  readonly descriptor: number;
  readonly writer: WholeWriter;
  readonly isFile: boolean;
  readonly dev: number;
  readonly ino: number;
  readonly bornAt: number;
  size: number;
}

/**
 * Opens a log file; its folder must exist. It follows a rotation from outside, by `reopen` or, looking at most once a
 * second when something is written, by itself: a path that was moved away or deleted is opened anew. It is opened to
 * append, so that a file which is copied and truncated goes on at its new end, and several processes can share it.
 *
 * @throws {ServiceError} `failed_precondition` LOG_FILE_UNUSABLE when it cannot be opened, here and in `reopen`.
 */
export function openLogFile(path: string, { maxSize, maxAgeMs, keep, onTrouble }: LogFileOptions): LogFile {
  let file: OpenFile | undefined = open(path);
  let lookedAt = Date.now();
  let failedAt = 0;
  let fails = false;

  function replace(): void {
    const replaced = file;
    file = open(path);
    fails = false;
    if (replaced) closeSync(replaced.descriptor);
  }

  /** Tells whether the path still is the file that is open, and takes note of what others did to it. */
  function isInPlace(): boolean {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!file || found?.ino !== file.ino || found.dev !== file.dev) return false;
    file.size = found.size;
    return true;
  }

  function isDue({ size, bornAt }: OpenFile, more: number, now: number): boolean {
    if (size === 0 || (now >= failedAt && now - failedAt < lookEveryMs)) return false;
    return (maxSize > 0 && size + more > maxSize) || (maxAgeMs > 0 && now - bornAt >= maxAgeMs);
  }

  function rotate(opened: OpenFile, more: number): void {
    const now = Date.now();
    try {
      if (now < lookedAt || now - lookedAt >= lookEveryMs) {
        lookedAt = now;
        if (!isInPlace()) replace();
      }
      if (!isDue(file ?? opened, more, now)) return;
      if (shiftFiles(path, keep, isInPlace)) replace();
      // Another process is at it, which is seen at the next look.
      else failedAt = now;
    } catch (error) {
      failedAt = now;
      const begins = !fails;
      fails = true;
      if (begins) onTrouble('Cannot rotate the log file, which stays in use', error);
    }
  }

  return {
    write(bytes) {
      if (file?.isFile) rotate(file, bytes.length);
      if (!file) return undefined;
      const failure = file.writer(file.descriptor, bytes);
      file.size += failure ? failure.written : bytes.length;
      return failure;
    },
    reopen() {
      if (file) replace();
    },
    sync() {
      try {
        if (file) fsyncSync(file.descriptor);
      } catch {
        // The path may be a device or a pipe, which has nothing to wait for.
      }
    },
    close() {
      if (file) closeSync(file.descriptor);
      file = undefined;
    },
  };
}

function open(path: string): OpenFile {
  try {
    const descriptor = openSync(path, 'a', ownerWritesGroupReads);
    const { dev, ino, size, birthtimeMs, isFile } = described(descriptor);
    const writer = createWholeWriter({ torn: isFile && endsWithinLine(path, size) });
    return {
      descriptor,
      writer,
      isFile,
      dev,
      ino,
      size,
      bornAt: size > 0 && birthtimeMs > 0 ? birthtimeMs : Date.now(),
    };
  } catch (cause) {
    const why = (cause as Error).message;
    const message = `Cannot write the log to the file ${path}: ${why}. Make it writable, or change LOG_FILE`;
    throw new ServiceError('failed_precondition', message, { reason: 'LOG_FILE_UNUSABLE', cause });
  }
}

function described(descriptor: number) {
  const stats = fstatSync(descriptor);
  const { dev, ino, size, birthtimeMs } = stats;
  return { dev, ino, size, birthtimeMs, isFile: stats.isFile() };
}

/** Whether the last line has no end, since the process that wrote it was killed or the disk was full. */
function endsWithinLine(path: string, size: number): boolean {
  if (size === 0) return false;
  try {
    const descriptor = openSync(path, 'r');
    try {
      const last = Buffer.alloc(1);
      return readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A file that may only be written to.
    return false;
  }
}
