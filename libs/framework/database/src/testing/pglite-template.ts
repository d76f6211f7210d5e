import { join } from 'node:path';
import { temporaryDirectory } from '@org/testing';
import { embedded } from '../open-driver.ts';
import { openDatabaseOn, type OpenDatabaseOptions } from '../open-database.ts';
import type { Models } from '../orm.ts';
import { loadEngine, startInMemory, type Engine } from '../pglite/engine.ts';
import { readImage, unpackImage } from '../pglite/image.ts';
import { createMemoryDriver } from '../pglite/pglite-driver.ts';
import { remember } from './remember.ts';
import { settingsOf, testRuntime } from './settings-of.ts';
import type { Template } from './test-databases.ts';

/** Copies the files that an embedded database consists of, in memory or into a folder. */
export function createPgliteTemplate<Given extends Models>(options: OpenDatabaseOptions<Given>): Template {
  const settings = settingsOf('pglite:memory');
  const template = remember(() => make(options));
  return {
    async open(options) {
      const { engine, tar } = await template.get();
      const driver = createMemoryDriver(await startInMemory(engine, tar));
      return openDatabaseOn(embedded(driver), settings, options, testRuntime());
    },
    async copy() {
      const { tar } = await template.get();
      await using stack = new AsyncDisposableStack();
      const { path } = stack.use(await temporaryDirectory());
      const folder = join(path, 'database');
      await unpackImage(folder, tar);
      const owned = stack.move();
      return { url: `pglite:${folder}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
    },
  };
}

interface Made {
  readonly engine: Engine;
  /** The files of a database with all migrations. */
  readonly tar: Buffer;
}

async function make<Given extends Models>(options: OpenDatabaseOptions<Given>): Promise<Made> {
  const engine = await loadEngine();
  const database = await startInMemory(engine, await readImage());
  const driver = createMemoryDriver(database);
  await using _database = await openDatabaseOn(embedded(driver), settingsOf('pglite:memory'), options, testRuntime());
  await database.exec('CHECKPOINT');
  return { engine, tar: Buffer.from(await (await database.dumpDataDir('none')).arrayBuffer()) };
}
