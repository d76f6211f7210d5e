import { pause } from '@org/context';
import type { Runtime } from '@org/runtime';
import type { Connection, Driver, Statement } from '../driver.ts';
import type { DatabaseSettings } from '../settings.ts';
import { endsConnection, isServerError, translateConnect, translateStatement, type Part } from '../translate.ts';
import { compare, type Applied } from './compare.ts';
import { migrationFailed, migrationsLocked, migrationsMissing } from './migration-errors.ts';
import { readMigrations, type Migration, type Step } from './migration.ts';

/** How long the pauses are between two looks at the lock, in milliseconds. */
const lookAgainMs = 100;

export interface MigrateOptions {
  readonly settings: Pick<DatabaseSettings, 'migrate' | 'migrateTimeoutMs'>;
  readonly logger: Runtime['logger'];
  /** For what is read. */
  readonly driver: Driver;
  /** Opens one for what is written: its statements may take longer, and its session ends with it. */
  readonly openWriting: () => Driver;
}

/**
 * Sees that the database has all migrations, and applies those that are missing: one process at a time, each in a transaction
 * together with its record in `applied_migrations`.
 *
 * @throws {ServiceError} failed_precondition when they do not fit what was applied, one is refused by the database, or some
 *   are missing and the start only verifies; unavailable when another process is at it for too long.
 */
export async function migrate(
  migrations: readonly Migration[],
  { settings, logger, driver, openWriting }: MigrateOptions,
): Promise<void> {
  const steps = readMigrations(migrations);
  const { missing, newer } = await withSession(driver, async (session) => compare(steps, await readApplied(session)));
  if (newer.length > 0) logger.info({ migrations: newer }, 'The database has migrations of a newer version');
  if (missing.length === 0) return;
  if (settings.migrate === 'verify') throw migrationsMissing(missing.map(({ name }) => name));
  await using writing = openWriting();
  await withSession(writing, (session) =>
    withLock(session, { timeoutMs: settings.migrateTimeoutMs, logger }, async () => {
      await session.run(createTable);
      // Whoever had the lock before may have applied them.
      for (const step of compare(steps, await readApplied(session)).missing) await apply(session, step, logger);
    }),
  );
}

/** One connection, whose failures are told in our own words. */
interface Session {
  run(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** @param doing For errors: apply the migration `0001_orders`. */
  send(statement: Statement, doing: string, part: Part): Promise<void>;
}

async function withSession<Value>(driver: Driver, work: (session: Session) => Promise<Value>): Promise<Value> {
  const connection = await connect(driver);
  const run = async (statement: Statement, doing: string, part: Part) => {
    try {
      return (await connection.run(statement)).rows;
    } catch (error) {
      throw translateStatement(error, doing, part);
    }
  };
  try {
    return await work({
      run: async (text, values = []) => (await run({ text, values }, 'read the migrations', 'alone')) as never,
      send: async (...given) => void (await run(...given)),
    });
  } finally {
    connection.release(connection.broken ? 'end' : 'keep');
  }
}

async function connect(driver: Driver): Promise<Connection> {
  try {
    return await driver.connect();
  } catch (error) {
    throw translateConnect(error, driver.place.shown);
  }
}

const createTable = `CREATE TABLE IF NOT EXISTS applied_migrations (
  name text PRIMARY KEY,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  duration_ms integer NOT NULL
)`;

async function readApplied(session: Session): Promise<Applied[]> {
  const [table] = await session.run(`SELECT to_regclass('applied_migrations') IS NOT NULL AS there`);
  if (!table?.there) return [];
  return (await session.run('SELECT name, checksum FROM applied_migrations')) as unknown as Applied[];
}

/**
 * Runs the work while no other session of this database does the like.
 *
 * Whoever waits looks again and again: a statement that waited for the lock would hold a snapshot, and `CREATE INDEX
 * CONCURRENTLY` in the session that has the lock waits for those who do.
 */
async function withLock(
  session: Session,
  { timeoutMs, logger }: { timeoutMs: number; logger: Runtime['logger'] },
  work: () => Promise<void>,
): Promise<void> {
  const deadline = AbortSignal.timeout(timeoutMs);
  await session.run(noticeClientsThatEnd).catch(() => {});
  for (let look = 0; ; look += 1) {
    const [lock] = await session.run(`SELECT pg_try_advisory_lock(hashtext('applied_migrations')) AS taken`);
    if (lock?.taken) break;
    if (deadline.aborted) throw migrationsLocked(timeoutMs);
    if (look === 0) logger.info('Another process applies migrations; the start waits for it');
    await pause(lookAgainMs * (1 + Math.random()), deadline);
  }
  try {
    await work();
  } finally {
    // Gives back the lock, and whatever a migration has set. It has gone already where the session has ended.
    await session.run('DISCARD ALL').catch(() => {});
  }
}

/**
 * A server that is at work looks only when it is asked to whether its client is still there: the lock of a process that was
 * killed would be held until the statement is done. PostgreSQL 13 does not know it, and some systems cannot.
 *
 * @see https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
 */
const noticeClientsThatEnd = `SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`;

async function apply(session: Session, step: Step, logger: Runtime['logger']): Promise<void> {
  const { name, checksum, parts, atomic } = step;
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const send = (text: string, part: Part, values: readonly unknown[] = []) =>
    session.send({ text, values, script: values.length === 0 }, `apply the migration \`${name}\``, part);
  const within = atomic ? 'transaction' : 'alone';
  try {
    if (atomic) await send('BEGIN', 'begin');
    for (const part of parts) await send(part, within);
    // A dump empties it, and then neither the record nor the next migration would find its tables.
    await send('RESET search_path', within);
    const record = 'INSERT INTO applied_migrations (name, checksum, duration_ms) VALUES ($1, $2, $3)';
    await send(record, within, [name, checksum, elapsed()]);
    if (atomic) await send('COMMIT', 'commit');
  } catch (error) {
    if (atomic) await send('ROLLBACK', 'transaction').catch(() => {});
    const { cause } = error as { cause?: unknown };
    throw isServerError(cause) && !endsConnection(cause)
      ? migrationFailed({ name, atomic, state: cause.code, cause: error as never })
      : error;
  }
  logger.info({ migration: name, duration_ms: elapsed() }, 'Applied a migration');
}
