import type { ServiceError } from '@org/errors';
import { failed } from '../database-errors.ts';

export function migrationChanged(name: string): ServiceError {
  const doing = `start with the migration \`${name}\``;
  const why =
    'it was applied with another text. Give it back the text that it had, and put the change into a migration of its own';
  const details = { migration: name };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_CHANGED', doing, why, details });
}

export function migrationUnknown(name: string, last: string): ServiceError {
  const doing = `start without the migration \`${name}\``;
  const why = `the database has it, and this version has later ones (\`${last}\`). Merge the branch that it comes from`;
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
  readonly atomic: boolean;
  /** The five characters of the server's state. */
  readonly state: string;
  readonly cause: ServiceError;
}

export function migrationFailed({ name, atomic, state, cause }: Refusal): ServiceError {
  const doing = `apply the migration \`${name}\``;
  const kept = atomic ? 'nothing of it was kept' : 'what it did until then was kept, and it is run again';
  const why = `the database refuses it (${state}), and ${kept}. ${remedyOf(state)}`;
  const details = { migration: name, state };
  return failed({ code: 'failed_precondition', reason: 'MIGRATION_FAILED', doing, why, cause, details });
}

function remedyOf(state: string): string {
  // "… cannot run inside a transaction block."
  if (state === '25001')
    return 'Have its first line begin with `-- no-transaction`, and each statement in a part of its own';
  return 'The cause in the log says what is wrong with it';
}
