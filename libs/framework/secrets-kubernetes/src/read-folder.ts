import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { inside } from './find-folder.ts';

/** What Kubernetes takes as one Secret at most, which is more than any service needs. */
const mostBytes = 1_048_576;
const mostFiles = 1_000;

/** The files of a folder at one moment. */
export interface FolderContent {
  readonly values: Readonly<Record<string, string>>;
  /** The names of files whose bytes are no text in UTF-8; they have no value. */
  readonly binary: readonly string[];
  /** Differs when anything in the folder was written, though not what. */
  readonly stamp: string;
  /** When a file was last written. */
  readonly writtenAt: Date;
}

/** What is no secret: too large, or too many. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/**
 * Reads all regular files of a folder. The newlines at the end of a file do not count, as with variables that end in `_FILE`.
 *
 * @throws {TooLargeError | EscapeError} errors of the file system.
 */
export async function readFolder(root: string, folder: string): Promise<FolderContent> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('..')).sort();
  if (names.length > mostFiles) throw new TooLargeError(`more than ${mostFiles} files`);
  const top = await realpath(root);
  const values: Record<string, string> = {};
  const binary: string[] = [];
  const stamps: string[] = [];
  let writtenAt = 0;
  let bytes = 0;
  for (const name of names) {
    const file = await readRegularFile(inside(top, await realpath(join(folder, name))), mostBytes - bytes);
    if (!file) continue;
    bytes += file.content.length;
    stamps.push(`${name}:${file.stamp}`);
    writtenAt = Math.max(writtenAt, file.writtenAt);
    const text = textOf(file.content);
    if (text === undefined) binary.push(name);
    else values[name] = text.replace(/[\r\n]+$/, '');
  }
  return { values, binary, stamp: stamps.join('\n'), writtenAt: new Date(writtenAt) };
}

/** `undefined` for a folder, a pipe, a device. Opening one of those must not wait. */
async function readRegularFile(path: string, most: number) {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) return undefined;
    const { ino, size, mtimeMs, ctimeMs } = found;
    if (size > most) throw new TooLargeError(`more than ${mostBytes} bytes`);
    // A file that grows while it is read is read again when its stamp is compared.
    const content = await handle.readFile();
    if (content.length > most) throw new TooLargeError(`more than ${mostBytes} bytes`);
    return { content, stamp: `${ino}:${size}:${mtimeMs}:${ctimeMs}`, writtenAt: mtimeMs };
  } finally {
    await handle.close();
  }
}

function textOf(content: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}
