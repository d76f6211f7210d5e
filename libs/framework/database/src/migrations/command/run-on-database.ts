import type { CommandContext, Runtime } from '@org/runtime';
import { openDriver } from '../../open-driver.ts';
import type { DatabaseSettings } from '../../settings.ts';
import { baseline } from '../baseline.ts';
import { compare } from '../compare.ts';
import { applyMissing } from '../migrate.ts';
import { databaseInMemory, migrationsMissing } from '../migration-errors.ts';
import type { Step } from '../migration.ts';
import { readApplied } from '../record.ts';
import { rollback } from '../rollback.ts';
import { withSession } from '../session.ts';
import { statusOf, type MigrationStatus } from '../status.ts';
import { upTo } from './choose.ts';
import type { Asked } from './read-line.ts';

interface Given {
  readonly steps: readonly Step[];
  readonly settings: DatabaseSettings;
  readonly start: CommandContext['start'];
  readonly print: (line: string) => void;
}

/** What the command does with a database. */
export async function runOnDatabase(asked: Asked, { steps, settings, start, print }: Given): Promise<void> {
  const { action, name, to, json = false } = asked;
  const chosen = action === 'baseline' ? upTo(steps, name) : steps;
  if (settings.url.reveal().toLowerCase() === 'pglite:memory') throw databaseInMemory(action);
  const opened = await start('database', (runtime) => open(settings, runtime));
  const tell = (verb: string, names: readonly string[]) => {
    for (const each of names) print(`${verb}  ${each}`);
    if (names.length === 0) print('Nothing to do');
  };
  switch (action) {
    case 'run':
      return tell('applied', await applyMissing(steps, opened));
    case 'rollback':
      return tell('undone', await rollback(steps, to === undefined ? { last: name } : { to }, opened));
    case 'baseline':
      return tell('recorded', await baseline(chosen, opened));
    default:
      return showStatus(steps, opened, (rows) => {
        for (const row of rows) print(json ? JSON.stringify(row) : lineOf(row));
        if (rows.length === 0 && !json) print('No migrations');
      });
  }
}

type Opened = Awaited<ReturnType<typeof open>>;

async function open(settings: DatabaseSettings, runtime: Runtime) {
  const { driver, openWriting } = await openDriver(settings, runtime);
  const { logger } = runtime;
  return { driver, openWriting, settings, logger, [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose]() };
}

/** Shows each migration, then ends as the start would. */
async function showStatus(
  steps: readonly Step[],
  { driver, settings }: Opened,
  show: (rows: readonly MigrationStatus[]) => void,
): Promise<void> {
  const applied = await withSession(driver, readApplied);
  show(statusOf(steps, applied));
  const { missing } = compare(steps, applied);
  if (missing.length > 0 && settings.migrate === 'verify') throw migrationsMissing(missing.map(({ name }) => name));
}

function lineOf({ state, name, appliedAt, durationMs }: MigrationStatus): string {
  const when = appliedAt ? [appliedAt.toISOString(), `${durationMs}ms`] : [];
  return [state.padEnd('applied'.length), name, ...when].join('  ');
}
