import type { ServiceError } from '@org/errors';
import { failed } from '../database-errors.ts';

export function migrationChanged(name: string, verb: 'start with' | 'undo' = 'start with'): ServiceError {
  const doing = `${verb} the migration \`${name}\``;
  const why =
    'it was applied with another text. Give it back the text that it had, and put the change into a migration of its own';
  const details = { migration: name };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_CHANGED', doing, why, details });
}

/** @param last The last one of this version. Default: that does not matter, since it is to be undone. */
export function migrationUnknown(name: string, last?: string): ServiceError {
  const doing = `${last === undefined ? 'undo' : 'start without'} the migration \`${name}\``;
  const why =
    last === undefined
      ? 'this version does not know it. Roll back with the version that brought it'
      : `the database has it, and this version has later ones (\`${last}\`). Merge the branch that it comes from`;
  const details = { migration: name };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_UNKNOWN', doing, why, details });
}

export function migrationOutOfOrder(name: string, last: string): ServiceError {
  const doing = `apply the migration \`${name}\``;
  const why = `\`${last}\`, which comes after it, was applied before. Rename it so that it is the last, and see that both agree`;
  const details = { migration: name };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_OUT_OF_ORDER', doing, why, details });
}

export function migrationsMissing(names: readonly string[]): ServiceError {
  const doing = 'start';
  const shown = names.map((name) => `\`${name}\``).join(', ');
  const why = `the database has not all migrations: ${shown} ${names.length === 1 ? 'is' : 'are'} missing. Apply them, or set DATABASE_MIGRATE to apply`;
  const details = { migrations: names };
  return failed({ code: 'failed_precondition', reason: 'MIGRATIONS_MISSING', doing, why, details });
}

export function migrationsLocked(waitedMs: number): ServiceError {
  const doing = 'apply migrations';
  const why = `another process was at it for ${waitedMs} ms. See in pg_locks who holds the advisory lock, or raise DATABASE_MIGRATE_TIMEOUT`;
  return failed({ code: 'unavailable', reason: 'MIGRATIONS_LOCKED', doing, why });
}

interface Refusal {
  readonly name: string;
  readonly verb: 'apply' | 'undo';
  readonly atomic: boolean;
  /** The five characters of the server's state. */
  readonly state: string;
  readonly cause: ServiceError;
}

export function migrationFailed({ name, verb, atomic, state, cause }: Refusal): ServiceError {
  const doing = `${verb} the migration \`${name}\``;
  const kept = atomic ? 'nothing of it was kept' : 'what it did until then was kept, and it is to be run again';
  const why = `the database refuses it (${state}), and ${kept}. ${remedyOf(state)}`;
  const details = { migration: name, state };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_FAILED', doing, why, cause, details });
}

function remedyOf(state: string): string {
  // "… cannot run inside a transaction block."
  if (state === '25001')
    return 'Have its first line begin with `-- no-transaction`, and each statement in a part of its own';
  // "… already exists."
  if (state === '42P07')
    return 'Something of that name is there: of a database that was not made by migrations, `migration baseline` records them';
  return 'The cause in the log says what is wrong with it';
}

export function databaseInMemory(action: string): ServiceError {
  const doing = `run \`migration ${action}\``;
  const why =
    'DATABASE_URL is `pglite:memory`, so that the database is in the running service alone, which applies them at each start. Set DATABASE_URL';
  return failed({ code: 'failed_precondition', reason: 'DATABASE_IN_MEMORY', doing, why });
}

export function sourceMissing(action: string, why: string): ServiceError {
  const doing = `run \`migration ${action}\``;
  return failed({ code: 'failed_precondition', reason: 'SOURCE_MISSING', doing, why });
}

export function snapshotUnusable(file: string, why: string): ServiceError {
  const doing = `read ${file}`;
  return failed({ code: 'failed_precondition', reason: 'SNAPSHOT_UNUSABLE', doing, why });
}

export function migrationsDisagree(count: number): ServiceError {
  const doing = 'take the migrations as they are';
  const why = `there ${count === 1 ? 'is 1 finding' : `are ${count} findings`}. See above what each asks for`;
  return failed({ code: 'failed_precondition', reason: 'MIGRATIONS_DISAGREE', doing, why });
}

export function migrationNotApplied(name: string | undefined): ServiceError {
  const doing = name === undefined ? 'undo a migration' : `undo the migration \`${name}\`, or those after it`;
  const why = `${name === undefined ? 'none was' : 'it was not'} applied. \`migration status\` lists those that were`;
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_NOT_APPLIED', doing, why });
}

export function migrationNotLast(name: string, last: string): ServiceError {
  const doing = `undo the migration \`${name}\``;
  const why = `\`${last}\` was applied after it. \`rollback --to\` undoes all that came after another one`;
  const details = { migration: name };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_NOT_LAST', doing, why, details });
}

export function migrationIrreversible(name: string): ServiceError {
  const doing = `undo the migration \`${name}\``;
  const why =
    'it has no `down`, and nothing was undone. Restore a backup, or write a migration that leads on from here';
  const details = { migration: name };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_IRREVERSIBLE', doing, why, details });
}

export function migrationsRecorded(names: readonly string[]): ServiceError {
  const doing = 'record migrations without running them';
  const why = `some are recorded already, the last of them \`${names.at(-1)}\`. \`migration run\` applies the others`;
  return failed({ code: 'failed_precondition', reason: 'MIGRATIONS_RECORDED', doing, why });
}

export function baselineTablesMissing(tables: readonly string[]): ServiceError {
  const doing = 'record migrations without running them';
  const missing = tables.length === 0 ? 'they make no tables' : `the database has no ${tables.join(', ')}`;
  const why = `${missing}. Name the last one that the tables are of, or apply them with \`migration run\``;
  return failed({ code: 'failed_precondition', reason: 'BASELINE_TABLES_MISSING', doing, why });
}
