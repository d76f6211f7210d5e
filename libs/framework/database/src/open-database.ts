import type { Resource, Runtime } from '@org/runtime';
import { core, createCore, type DatabaseCore } from './core.ts';
import { createIdempotency, type DatabaseIdempotency } from './idempotency.ts';
import { createInbox, type DatabaseInbox } from './inbox.ts';
import { createDatabaseInstruments } from './instruments.ts';
import { readKeeping, type KeepingOptions } from './keeping.ts';
import { migrate } from './migrations/migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { openDriver, type OpenedDriver } from './open-driver.ts';
import { createOrm, type Models, type Orm } from './orm.ts';
import { createOutbox, type Outbox } from './outbox/outbox.ts';
import { createPool } from './pool.ts';
import type { DatabaseSettings } from './settings.ts';
import type { TransactionOptions } from './transaction.ts';
import { translateConnect } from './translate.ts';

/** Drizzle's queries over the models, and transactions that whatever is called in them takes part in. */
export type Database<Given extends Models = Models> = Omit<Orm<Given>, 'transaction' | '_'> &
  Resource & {
    /**
     * Runs the work in a transaction: everything that it does with this database, however far down, is kept when it resolves
     * and undone when it rejects. Inside of another one it is a savepoint, and its options are the outer one's.
     *
     * The work is run again after a conflict with others (`SERIALIZATION_FAILURE`, `DEADLOCK`): what it does besides is done
     * again too. It must await all that it begins.
     *
     * @throws {ServiceError} what the work throws; unavailable, OUTCOME_UNKNOWN, when the connection was lost at the commit;
     *   failed_precondition, TRANSACTION_FAILED, when the work hides that a statement failed.
     */
    transaction<Value>(work: () => Promise<Value>, options?: TransactionOptions): Promise<Value>;
    readonly outbox: Outbox;
    /** For `consume`. */
    readonly inbox: DatabaseInbox;
    /** For `serveRest`. */
    readonly idempotency: DatabaseIdempotency;
    readonly kind: 'datastore';
    check(signal: AbortSignal): Promise<void>;
    drain(signal: AbortSignal): Promise<void>;
    /** @private What the other functions of this library need of it. */
    readonly [core]: DatabaseCore;
  };

export interface OpenDatabaseOptions<Given extends Models> extends KeepingOptions {
  /** Tables and relations by name, as Drizzle defines them: `import * as models from './models/index.ts'`. */
  readonly models: Given;
  /** What makes their tables, in the order of the names. Default: none, and the database is taken as it is. */
  readonly migrations?: readonly Migration[];
}

/** What is used of a service's runtime. */
export type DatabaseRuntime = Pick<Runtime, 'logger' | 'service'> & Partial<Pick<Runtime, 'contract'>>;

/**
 * Opens what `DATABASE_URL` names, waits for it, and applies the migrations that it has not, or with `DATABASE_MIGRATE=verify`
 * sees that it has them. The caller disposes it, after whatever uses it.
 *
 * @throws {ServiceError} unavailable when nothing answers within `DATABASE_CONNECT_TIMEOUT`; unauthenticated,
 *   permission_denied or failed_precondition when the database refuses the service; failed_precondition when a migration fails,
 *   or they do not fit those that were applied.
 * @throws {RangeError} when an option is no whole number from 1 up, migrations are not in the order of their names, or one
 *   has a transaction of its own.
 */
export async function openDatabase<Given extends Models>(
  settings: DatabaseSettings,
  options: OpenDatabaseOptions<Given>,
  runtime: DatabaseRuntime,
): Promise<Database<Given>> {
  return openDatabaseOn(await openDriver(settings, runtime), settings, options, runtime);
}

/** The same over a driver that stands open, which it owns from now on. */
export async function openDatabaseOn<Given extends Models>(
  { driver, openWriting, openAside }: OpenedDriver,
  settings: DatabaseSettings,
  { models, migrations, ...options }: OpenDatabaseOptions<Given>,
  runtime: DatabaseRuntime,
): Promise<Database<Given>> {
  await using stack = new AsyncDisposableStack();
  stack.use(driver);
  const keeping = readKeeping(options);
  if (migrations) await migrate(migrations, { settings, logger: runtime.logger, driver, openWriting });
  const instruments = createDatabaseInstruments();
  const pool = createPool(driver, settings.poolTimeoutMs, instruments);
  const parts = createCore({ driver, pool, instruments, settings, runtime, openAside });
  stack.move();
  const orm = createOrm(models, parts.run);
  return Object.assign(orm, {
    kind: 'datastore' as const,
    transaction: <Value>(work: () => Promise<Value>, options: TransactionOptions = {}) =>
      parts.transactions.transaction(work, options),
    outbox: createOutbox(parts, keeping.outbox),
    inbox: createInbox(parts, keeping.inbox),
    idempotency: createIdempotency(parts, keeping.idempotency),
    [core]: parts,
    async check(signal: AbortSignal) {
      try {
        await driver.check(signal);
      } catch (error) {
        throw translateConnect(error, driver.place.shown);
      }
    },
    drain: (signal: AbortSignal) => pool.drain(signal),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  });
}
