import type { ServiceIdentity, Runtime } from '@org/runtime';
import type { Driver, Result, Statement } from './driver.ts';
import type { Observe } from './observe.ts';
import type { Transactions } from './transaction.ts';
import type { WakeUp } from './outbox/wake-up.ts';

/** Where a database keeps what the other functions of this library need of it. */
export const core: unique symbol = Symbol('core');

export interface DatabaseCore {
  readonly service: ServiceIdentity;
  /** What the service promises; `undefined` where that is not known. */
  readonly contract: unknown;
  readonly logger: Runtime['logger'];
  /** Runs a statement in the transaction of the running code, or alone. */
  readonly run: (statement: Statement) => Promise<Result>;
  readonly transactions: Transactions;
  /** Runs a statement for nobody's call, in no transaction, and without a span. */
  readonly background: (statement: Statement) => Promise<Result>;
  /** Measures what runs in the background. */
  readonly observe: Observe;
  /** Opens further connections; missing where there is no more than the one. */
  readonly openAside?: () => Driver;
  readonly connectionLifetimeMs: number;
}

/** What the parts of an outbox have in common. */
export interface OutboxCore extends DatabaseCore {
  readonly wakeUp: WakeUp;
}
