import type { CommandContext, Runtime } from '@org/runtime';
import { collectLogger } from '@org/testing';
import { migration, type MigrationCommandOptions } from '../src/migrations/command/migration.ts';
import { settingsOf } from './databases.ts';

interface Options extends Partial<MigrationCommandOptions> {
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs the sub-command as the kernel does, and gives what it printed, also when it ends with an error: `lines`, `error`. */
export async function tryMigration(
  line: readonly string[],
  { environment = {}, models = {}, migrations = [], folder }: Options = {},
): Promise<{ lines: string[]; error: unknown }> {
  await using opened = new AsyncDisposableStack();
  const lines: string[] = [];
  const runtime = { logger: collectLogger(), service: { name: 'tests', version: '1.0.0', commit: undefined } };
  const command = migration({ models, migrations, ...(folder !== undefined && { folder }) });
  const ended = command.run({
    arguments: line,
    settings: { database: settingsOf({ DATABASE_URL: 'pglite:memory', ...environment }) },
    start: (async (_, open) =>
      opened.use((await open(runtime as unknown as Runtime)) as AsyncDisposable)) as CommandContext['start'],
    print: (text) => void lines.push(text),
  });
  const error: unknown = await ended.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { lines, error };
}

/** The same where no error is expected. */
export async function runMigration(line: readonly string[], options?: Options): Promise<string[]> {
  const { lines, error } = await tryMigration(line, options);
  if (error) throw error as Error;
  return lines;
}
