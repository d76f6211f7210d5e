import { runOutsideCalls } from '@org/context';
import type { Runtime, ServiceIdentity } from '@org/runtime';
import type { Driver, Result, Statement } from './driver.ts';
import { silentTracer, type DatabaseInstruments } from './instruments.ts';
import { createObserve, type Observe } from './observe.ts';
import { createWakeUp, type WakeUp } from './outbox/wake-up.ts';
import type { Pool } from './pool.ts';
import { createRunAlone } from './run-alone.ts';
import type { DatabaseSettings } from './settings.ts';
import { createTransactions, type Transactions } from './transaction.ts';

/** Where a database keeps what the other functions of this library need of it. */
export const core: unique symbol = Symbol('core');

export interface DatabaseCore {
  readonly service: ServiceIdentity;
  /** What the service promises; `undefined` where that is not known. */
  readonly contract: unknown;
  readonly logger: Runtime['logger'];
  readonly transactions: Transactions;
  /** Runs a statement in the transaction of the running code, or alone. */
  readonly run: (statement: Statement) => Promise<Result>;
  /** Runs a statement for nobody's call, in no transaction, and without a span. */
  readonly background: (statement: Statement) => Promise<Result>;
  /** Measures what runs in the background. */
  readonly observe: Observe;
  /** Opens further connections; missing where there is no more than the one. */
  readonly openAside: (() => Driver) | undefined;
  readonly connectionLifetimeMs: number;
  /** Tells the relays of the outbox. */
  readonly wakeUp: WakeUp;
}

export interface CoreParts extends Pick<DatabaseCore, 'openAside'> {
  readonly driver: Driver;
  readonly pool: Pool;
  readonly instruments: DatabaseInstruments;
  readonly settings: Pick<DatabaseSettings, 'poolLifetimeMs'>;
  readonly runtime: Pick<Runtime, 'logger' | 'service'> & Partial<Pick<Runtime, 'contract'>>;
}

export function createCore({ driver, pool, instruments, settings, runtime, openAside }: CoreParts): DatabaseCore {
  const { logger, service, contract } = runtime;
  const retrying = ({ reason = 'unknown' }: { reason?: string | undefined }) =>
    instruments.retries.add(1, { 'error.type': reason });
  const observe = createObserve(instruments, driver.place);
  const quietly = createObserve({ ...instruments, tracer: silentTracer }, driver.place);
  const transactions = createTransactions({ pool, observe, retrying });
  const alone = createRunAlone({ pool, observe, retrying });
  const aloneQuietly = createRunAlone({ pool, observe: quietly, retrying });
  const background = (statement: Statement) => runOutsideCalls(() => aloneQuietly(statement));
  return {
    logger,
    service,
    contract,
    transactions,
    run: (statement) => transactions.run(statement) ?? alone(statement),
    background,
    observe: quietly,
    openAside,
    connectionLifetimeMs: settings.poolLifetimeMs,
    wakeUp: createWakeUp({ background, openAside }),
  };
}
