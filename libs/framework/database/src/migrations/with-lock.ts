import { pause } from '@org/context';
import type { Runtime } from '@org/runtime';
import type { Driver } from '../driver.ts';
import { migrationsLocked } from './migration-errors.ts';
import { withSession, type Session } from './session.ts';

/** How long the pauses are between two looks at the lock, in milliseconds. */
const lookAgainMs = 100;

export interface WritingOptions {
  readonly settings: { readonly migrateTimeoutMs: number };
  readonly logger: Runtime['logger'];
  /** Opens one for what is written: its statements may take longer, and its session ends with it. */
  readonly openWriting: () => Driver;
}

/**
 * Runs the work while no other session of this database does the like.
 *
 * @throws {ServiceError} unavailable, MIGRATIONS_LOCKED, when another process is at it for too long.
 */
export async function withLock<Value>(
  { settings: { migrateTimeoutMs }, logger, openWriting }: WritingOptions,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  await using writing = openWriting();
  return await withSession(writing, async (session) => {
    await takeLock(session, migrateTimeoutMs, logger);
    try {
      return await work(session);
    } finally {
      // Gives back the lock, and whatever a migration has set. It has gone already where the session has ended.
      await session.run('DISCARD ALL').catch(() => {});
    }
  });
}

/**
 * Whoever waits looks again and again: a statement that waited for the lock would hold a snapshot, and `CREATE INDEX
 * CONCURRENTLY` in the session that has the lock waits for those who do.
 */
async function takeLock(session: Session, timeoutMs: number, logger: Runtime['logger']): Promise<void> {
  const deadline = AbortSignal.timeout(timeoutMs);
  await session.run(noticeClientsThatEnd).catch(() => {});
  for (let look = 0; ; look += 1) {
    const [lock] = await session.run(`SELECT pg_try_advisory_lock(hashtext('applied_migrations')) AS taken`);
    if (lock?.taken) return;
    if (deadline.aborted) throw migrationsLocked(timeoutMs);
    if (look === 0) logger.info('Another process applies migrations; this one waits for it');
    await pause(lookAgainMs * (1 + Math.random()), deadline);
  }
}

/**
 * A server that is at work looks only when it is asked to whether its client is still there: the lock of a process that was
 * killed would be held until the statement is done. PostgreSQL 13 does not know it, and some systems cannot.
 *
 * @see https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
 */
const noticeClientsThatEnd = `SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`;
