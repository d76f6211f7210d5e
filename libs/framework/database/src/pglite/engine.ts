import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath } from '@org/config';
import { MemoryFS, PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { filesOf } from './image.ts';

/** What engines are started from; several may be, from the same. */
export type Engine = Pick<PGliteOptions, 'pgliteWasmModule' | 'initdbWasmModule' | 'fsBundle'>;

// Node has it, and the types of Node do not.
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<never> };

/** Reads the engine from where its files are, so that it works from the bundle too. */
export async function loadEngine(): Promise<Engine> {
  const [engine, files] = ['pglite.wasm', 'pglite.data'].map((name) =>
    assetPath(import.meta.dirname, 'database', name),
  );
  const pgliteWasmModule = await WebAssembly.compile(readFileSync(engine as string));
  const fsBundle = new Blob([readFileSync(files as string)]);
  // `initdb` never runs, since there is an image; without a module here its file would be looked for.
  return { pgliteWasmModule, fsBundle, initdbWasmModule: pgliteWasmModule };
}

export function startEngine(engine: Engine, options: PGliteOptions): Promise<PGlite> {
  return PGlite.create({ ...options, ...engine, startParams });
}

// Its own 128 MB take a tenth of a second to clear, and are much beside the rest of a service.
const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

/** Starts one whose files are those of a tar, and gone with it. */
export function startInMemory(engine: Engine, tar: Buffer): Promise<PGlite> {
  return startEngine(engine, { fs: new FilesInMemory(tar) });
}

/** What is used of the engine's file system; its own types lean on a package that PGlite does not bring. */
interface Files {
  mkdirTree(path: string, mode: number): void;
  mkdir(path: string, mode: number): void;
  analyzePath(path: string): { readonly exists: boolean };
  writeFile(path: string, content: Uint8Array, options: { readonly canOwn: boolean }): void;
}

/** What PGlite asks for instead of a tar of its own reading, which takes three times as long. */
class FilesInMemory extends MemoryFS {
  readonly #tar: Buffer;
  constructor(tar: Buffer) {
    super();
    this.#tar = tar;
  }

  override async initialSyncFs(): Promise<void> {
    const files = (this.pg as PGlite).Module.FS as Files;
    const folder = PGlite.paths.PGDATA;
    files.mkdirTree(folder, 0o700);
    for (const { path, content } of filesOf(this.#tar)) {
      const target = join(folder, path);
      // A copy, since the tar is that of other engines too.
      if (content !== undefined) files.writeFile(target, new Uint8Array(content), { canOwn: true });
      else if (!files.analyzePath(target).exists) files.mkdir(target, 0o700);
    }
  }
}
