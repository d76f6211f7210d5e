import type { CommandContext, Runtime } from '@org/runtime';
import { openDriver } from '../../open-driver.ts';
import type { DatabaseSettings } from '../../settings.ts';
import { compare } from '../compare.ts';
import { applyMissing } from '../migrate.ts';
import { databaseInMemory } from '../migration-errors.ts';
import type { Step } from '../migration.ts';
import { readApplied } from '../record.ts';
import { withSession } from '../session.ts';
import type { Asked } from './read-line.ts';

interface Given {
  readonly steps: readonly Step[];
  readonly settings: DatabaseSettings;
  readonly start: CommandContext['start'];
  readonly print: (line: string) => void;
}

/** What the command does with a database. */
export async function runOnDatabase(asked: Asked, { steps, settings, start, print }: Given): Promise<void> {
  if (settings.url.reveal().toLowerCase() === 'pglite:memory') throw databaseInMemory(asked.action);
  const opened = await start('database', async (runtime) => open(settings, runtime));
  const status = async () => withSession(opened.driver, (session) => readApplied(session));
  if (asked.action === 'run') {
    const names = await applyMissing(steps, opened);
    for (const name of names) print(`applied  ${name}`);
    if (names.length === 0) print('Nothing to apply');
    return;
  }
  const applied = await status();
  for (const { name } of applied) print(`applied  ${name}`);
  for (const { name } of compare(steps, applied).missing) print(`pending  ${name}`);
}

async function open(settings: DatabaseSettings, runtime: Runtime) {
  const { driver, openWriting } = await openDriver(settings, runtime);
  const { logger } = runtime;
  return { driver, openWriting, settings, logger, [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose]() };
}
