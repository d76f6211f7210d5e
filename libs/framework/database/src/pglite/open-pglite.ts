import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ServiceError } from '@org/errors';
import type { Runtime } from '@org/runtime';
import type { Driver } from '../driver.ts';
import type { DatabaseSettings } from '../settings.ts';
import { loadEngine, startEngine, startInMemory } from './engine.ts';
import { lockFolder } from './folder-lock.ts';
import { createMemoryDriver, createPgliteDriver } from './pglite-driver.ts';
import { readImage, unpackImage } from './image.ts';

/**
 * Opens the database of `pglite:PATH`, and makes it where there is none; `pglite:memory` is gone with the process. It is the
 * engine of PostgreSQL in this process: one connection, and statements that nobody can cancel.
 *
 * @throws {ServiceError} failed_precondition when another process has it open, it is of another version of PostgreSQL, or the
 *   folder cannot be written; data_loss when it is damaged.
 */
export async function openPglite(
  { url }: Pick<DatabaseSettings, 'url'>,
  { logger }: Pick<Runtime, 'logger'>,
): Promise<Driver> {
  const path = url.reveal().slice('pglite:'.length);
  if (path === 'memory') {
    return createMemoryDriver(await startInMemory(await loadEngine(), await readImage()));
  }
  const folder = resolve(path);
  const shown = `pglite:${path}`;
  await using stack = new AsyncDisposableStack();
  try {
    await mkdir(dirname(folder), { recursive: true });
    stack.use(await lockFolder(folder, shown));
    if (!existsSync(folder)) {
      await unpackImage(folder, await readImage());
      logger.info(`Made an empty database in ${folder}`);
    }
    await probe(folder);
  } catch (error) {
    throw error instanceof ServiceError ? error : folderUnusable(shown, error);
  }
  assertVersion(folder, shown);
  const database = await startEngine(await loadEngine(), { dataDir: folder }).catch((cause: unknown) => {
    throw damaged(shown, cause);
  });
  const driver = createPgliteDriver(database, { shown, namespace: 'postgres' });
  const owned = stack.move();
  return {
    ...driver,
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await owned.disposeAsync();
    },
  };
}

/** The engine says of a disk without room no more than of files that are damaged. */
async function probe(folder: string): Promise<void> {
  const file = join(folder, 'probe');
  try {
    await writeFile(file, Buffer.alloc(probeBytes));
  } finally {
    await rm(file, { force: true });
  }
}

/** What a start may need to write. */
const probeBytes = 2 ** 20;

/** The version of PostgreSQL that PGlite has. */
const version = '18';

function assertVersion(folder: string, shown: string): void {
  const file = join(folder, 'PG_VERSION');
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  if (found === version) return;
  if (found === undefined) throw damaged(shown, new Error('There is no PG_VERSION'));
  const why = `it is of PostgreSQL ${found}, and this service has ${version}. Move the folder away, or run the service that made it`;
  throw new ServiceError('failed_precondition', `Cannot open the database at ${shown}: ${why}`, {
    reason: 'DATABASE_VERSION',
  });
}

function damaged(shown: string, cause: unknown): ServiceError {
  const why =
    'its files are damaged, or not those of a database. Restore them, or move the folder away to begin with an empty one';
  return new ServiceError('data_loss', `Cannot open the database at ${shown}: ${why}`, {
    reason: 'DATABASE_DAMAGED',
    cause,
  });
}

function folderUnusable(shown: string, cause: unknown): ServiceError {
  const why = `the folder cannot be written (${(cause as { code?: string }).code}). Set DATABASE_URL to another, or see who owns it and what room is left`;
  return new ServiceError('failed_precondition', `Cannot open the database at ${shown}: ${why}`, {
    reason: 'DATABASE_FOLDER_UNUSABLE',
    cause,
  });
}
