import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdDecompress } from 'node:zlib';
import { assetPath } from '@org/config';

const decompress = promisify(zstdDecompress);
const blockBytes = 512;

/** The files of an empty database as a tar: `initdb` would take seconds. */
export async function readImage(): Promise<Buffer<ArrayBuffer>> {
  const packed = await readFile(assetPath(import.meta.dirname, 'database', 'empty-database.tar.zst'));
  // In one piece: pieces are first gathered and then copied, which takes six times as long.
  return await decompress(packed, { chunkSize: imageBytes, params: { [constants.ZSTD_d_windowLogMax]: 27 } });
}

/** More than the tar has; what of it is not written takes no memory. */
const imageBytes = 48 * 2 ** 20;

/** Makes a folder with the files of a tar. It appears as a whole: whoever is ended meanwhile leaves none. */
export async function unpackImage(folder: string, tar: Buffer): Promise<void> {
  const unfinished = `${folder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  for (const { path, content } of filesOf(tar)) {
    const target = join(unfinished, path);
    if (content === undefined) await mkdir(target, { recursive: true, mode: 0o700 });
    else await writeFile(target, content, { mode: 0o600 });
  }
  await rename(unfinished, folder);
}

/**
 * The files and folders (those without content) of a tar, a folder before what is in it.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar Interchange Format)
 */
export function* filesOf(tar: Buffer): Generator<{ path: string; content: Buffer | undefined }> {
  const text = (start: number, length: number) => tar.toString('utf8', start, start + length).replace(/\0.*$/s, '');
  for (let header = 0; header < tar.length && tar[header] !== 0;) {
    const [name, size, type, prefix] = [
      text(header, 100),
      Number.parseInt(text(header + 124, 12), 8) || 0,
      text(header + 156, 1),
      text(header + 345, 155),
    ];
    const start = header + blockBytes;
    yield { path: join(prefix, name), content: type === '5' ? undefined : tar.subarray(start, start + size) };
    header = start + Math.ceil(size / blockBytes) * blockBytes;
  }
}
