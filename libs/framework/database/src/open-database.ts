import { currentCall } from '@org/context';
import type { Resource, Runtime } from '@org/runtime';
import { again } from './again.ts';
import type { Result, Statement } from './driver.ts';
import { createDatabaseInstruments } from './instruments.ts';
import { createObserve } from './observe.ts';
import { migrate } from './migrations/migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { openDriver } from './open-driver.ts';
import { createOrm, type Models, type Orm } from './orm.ts';
import { createPool } from './pool.ts';
import { runStatement } from './run-statement.ts';
import type { DatabaseSettings } from './settings.ts';
import { createTransactions, type TransactionOptions } from './transaction.ts';
import { translateConnect } from './translate.ts';

/** How often a statement of its own is run at most when it collides with others. */
const attempts = 3;

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
    readonly kind: 'datastore';
    check(signal: AbortSignal): Promise<void>;
    drain(signal: AbortSignal): Promise<void>;
  };

export interface OpenDatabaseOptions<Given extends Models> {
  /** Tables and relations by name, as Drizzle defines them: `import * as models from './models/index.ts'`. */
  readonly models: Given;
  /** What makes their tables, in the order of the names. Default: none, and the database is taken as it is. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens what `DATABASE_URL` names, waits for it, and applies the migrations that it has not, or with `DATABASE_MIGRATE=verify`
 * sees that it has them. The caller disposes it, after whatever uses it.
 *
 * @throws {ServiceError} unavailable when nothing answers within `DATABASE_CONNECT_TIMEOUT`; unauthenticated,
 *   permission_denied or failed_precondition when the database refuses the service; failed_precondition when a migration fails,
 *   or they do not fit those that were applied.
 * @throws {RangeError} when migrations are not in the order of their names, or one has a transaction of its own.
 */
export async function openDatabase<Given extends Models>(
  settings: DatabaseSettings,
  { models, migrations }: OpenDatabaseOptions<Given>,
  runtime: Pick<Runtime, 'logger' | 'service'>,
): Promise<Database<Given>> {
  await using stack = new AsyncDisposableStack();
  const { driver, openWriting } = await openDriver(settings, runtime);
  stack.use(driver);
  if (migrations) await migrate(migrations, { settings, logger: runtime.logger, driver, openWriting });
  const instruments = createDatabaseInstruments();
  const observe = createObserve(instruments, driver.place);
  const pool = createPool(driver, settings.poolTimeoutMs, instruments);
  const retrying = ({ reason = 'unknown' }: { reason?: string | undefined }) =>
    instruments.retries.add(1, { 'error.type': reason });
  const transactions = createTransactions({ pool, observe, retrying });

  const alone = (statement: Statement): Promise<Result> => {
    const signal = currentCall()?.signal;
    return again({ attempts, signal, retrying }, () =>
      observe(statement.text, async (doing) => {
        const lease = await pool.lease(doing, signal);
        try {
          return await runStatement(lease, statement, { doing, part: 'alone', signal });
        } finally {
          void lease.end();
        }
      }),
    );
  };
  stack.move();
  const orm = createOrm(models, (statement) => transactions.run(statement) ?? alone(statement));
  return Object.assign(orm, {
    kind: 'datastore' as const,
    transaction: <Value>(work: () => Promise<Value>, options: TransactionOptions = {}) =>
      transactions.transaction(work, options),
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
