import type { Driver } from '../driver.ts';
import type { DatabaseSettings } from '../settings.ts';
import { compare } from './compare.ts';
import { migrationsMissing } from './migration-errors.ts';
import { readMigrations, type Migration, type Step } from './migration.ts';
import { createTable, readApplied } from './record.ts';
import { applyStep } from './run-step.ts';
import { withSession } from './session.ts';
import { withLock, type WritingOptions } from './with-lock.ts';

export interface MigrateOptions extends WritingOptions {
  readonly settings: Pick<DatabaseSettings, 'migrate' | 'migrateTimeoutMs'>;
  /** For what is read. */
  readonly driver: Driver;
}

/**
 * Sees that the database has all migrations, and applies those that are missing: one process at a time, each in a transaction
 * together with its record in `applied_migrations`.
 *
 * @throws {ServiceError} failed_precondition when they do not fit what was applied, one is refused by the database, or some
 *   are missing and the start only verifies; unavailable when another process is at it for too long.
 */
export async function migrate(migrations: readonly Migration[], options: MigrateOptions): Promise<void> {
  const { settings, logger, driver } = options;
  const steps = readMigrations(migrations);
  const { missing, newer } = await withSession(driver, async (session) => compare(steps, await readApplied(session)));
  if (newer.length > 0) logger.info({ migrations: newer }, 'The database has migrations of a newer version');
  if (missing.length === 0) return;
  if (settings.migrate === 'verify') throw migrationsMissing(missing.map(({ name }) => name));
  await applyMissing(steps, options);
}

/** Applies what is missing once it has the lock, and gives the names. */
export function applyMissing(steps: readonly Step[], options: WritingOptions): Promise<string[]> {
  return withLock(options, async (session) => {
    await session.run(createTable);
    const { missing } = compare(steps, await readApplied(session));
    for (const step of missing) {
      const durationMs = await applyStep(session, step);
      options.logger.info({ migration: step.name, duration_ms: durationMs }, 'Applied a migration');
    }
    return missing.map(({ name }) => name);
  });
}
