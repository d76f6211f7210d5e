import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from '@org/testing';
import type { Migration } from '../src/migrations/migration.ts';
import { tryMigration } from './run-migration.ts';

/** The folder `migrations` of a service that is being developed. */
export interface ServiceFolder extends AsyncDisposable {
  readonly path: string;
  /** What it holds, in order. */
  files(): string[];
  read(file: string): string;
  write(file: string, content: string): void;
  /** As the service imports them now. */
  migrations(): Promise<readonly Migration[]>;
  /** Runs the command with the models that the service has now. */
  run(line: string, models: Readonly<Record<string, unknown>>): Promise<{ text: string; error: unknown }>;
}

export async function createServiceFolder(): Promise<ServiceFolder> {
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'migrations');
  let copies = 0;
  const migrations = async () => {
    if (!existsSync(join(path, 'index.ts'))) return [];
    // A module is read once, so each look at the files is at a copy of them.
    const copy = join(directory.path, `copy${(copies += 1)}`);
    cpSync(path, copy, { recursive: true });
    const loaded = (await import(pathToFileURL(join(copy, 'index.ts')).href)) as { migrations: readonly Migration[] };
    return loaded.migrations;
  };
  return {
    path,
    files: () => (existsSync(path) ? readdirSync(path).sort() : []),
    read: (file) => readFileSync(join(path, file), 'utf8'),
    write: (file, content) => writeFileSync(join(path, file), content),
    migrations,
    async run(line, models) {
      const options = { models, folder: path, migrations: await migrations() };
      const { lines, error } = await tryMigration(line.split(' '), options);
      return { text: lines.join('\n'), error };
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}
