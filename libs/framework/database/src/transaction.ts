import { currentCall, currentContext, runInContext, untilAborted } from '@org/context';
import type { ServiceError } from '@org/errors';
import { again } from './again.ts';
import { transactionOver } from './database-errors.ts';
import type { Result, Statement } from './driver.ts';
import type { Lease } from './lease.ts';
import { createLevel, finish, orFail, type Level } from './level.ts';
import type { Observe } from './observe.ts';
import type { Pool } from './pool.ts';
import { runStatement } from './run-statement.ts';
import type { Part } from './translate.ts';

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export interface TransactionOptions {
  /** Default: the server's, which is `read committed` unless it is set otherwise. */
  readonly isolation?: Isolation;
  /** Whether it only reads. Default: `false`. */
  readonly readOnly?: boolean;
  /** How often the work is run at most when it collides with others. Default: 5. */
  readonly attempts?: number;
}

export interface Transactions {
  /** Runs a statement in the transaction of the running code; `undefined` where there is none. */
  run(statement: Statement): Promise<Result> | undefined;
  /** Calls this once what the running code does is kept: after the commit of its transaction, at once where there is none. */
  whenKept(tell: () => void): void;
  transaction<Value>(work: () => Promise<Value>, options: TransactionOptions): Promise<Value>;
}

export interface TransactionParts {
  readonly pool: Pool;
  readonly observe: Observe;
  /** Told before a transaction is run again. */
  readonly retrying: (error: ServiceError) => void;
}

/** Keeps the transaction of the running code in its context, so that whatever it calls takes part. */
export function createTransactions({ pool, observe, retrying }: TransactionParts): Transactions {
  // A key of its own for each database.
  const key = Symbol('transaction');
  const within = <Value>(level: Level, work: () => Promise<Value>) =>
    runInContext(currentContext().setValue(key, level), async () => work());

  const send = (lease: Lease, statement: Statement, part: Part, signal?: AbortSignal) =>
    observe(statement.text, (doing) => runStatement(lease, statement, { doing, part, signal }));
  const command = (lease: Lease, text: string, part: Part = 'transaction', signal?: AbortSignal) =>
    send(lease, { text, values: [] }, part, signal);

  const run = async (level: Level, statement: Statement) => {
    if (level.over) throw transactionOver('run a statement');
    const signal = currentCall()?.signal;
    const inTurn = () =>
      level.turns(async () => {
        signal?.throwIfAborted();
        return orFail(level, () => send(level.lease, statement, 'transaction', signal));
      });
    return signal ? untilAborted(signal, inTurn) : inTurn();
  };

  const nested = async <Value>(outer: Level, work: () => Promise<Value>) => {
    if (outer.over) throw transactionOver('begin a transaction');
    return outer.turns(async () => {
      const { lease } = outer;
      const level = createLevel(lease, outer);
      const name = `level_${level.depth}`;
      const inOuter = (text: string) => orFail(outer, () => command(lease, text));
      await inOuter(`SAVEPOINT ${name}`);
      return finish(level, () => within(level, work), {
        keep: () => inOuter(`RELEASE SAVEPOINT ${name}`),
        undo: () => inOuter(`ROLLBACK TO SAVEPOINT ${name}`).catch(() => {}),
      });
    });
  };

  const outermost = async <Value>(work: () => Promise<Value>, options: TransactionOptions) => {
    const signal = currentCall()?.signal;
    const lease = await pool.lease('begin a transaction', signal);
    let undone = Promise.resolve();
    try {
      await command(lease, beginning(options), 'begin', signal);
      const level = createLevel(lease);
      const value = await finish(level, () => within(level, work), {
        keep: () => {
          signal?.throwIfAborted();
          // Nobody gives up here: what the server does with it would not be known.
          return command(lease, 'COMMIT', 'commit');
        },
        undo: async () => {
          if (lease.broken) return;
          undone = command(lease, 'ROLLBACK').then(
            () => {},
            // Without it the connection is of no use to others.
            () => lease.discard(),
          );
          // Whose time is over does not wait for the server.
          if (!signal?.aborted) await undone;
        },
      });
      for (const tell of level.kept) tell();
      return value;
    } finally {
      const end = undone.then(() => lease.end());
      if (!signal?.aborted) await end;
    }
  };

  const current = () => currentContext().getValue(key) as Level | undefined;
  return {
    run(statement) {
      const level = current();
      return level && run(level, statement);
    },
    whenKept(tell) {
      const level = current();
      if (level) level.kept.add(tell);
      else tell();
    },
    async transaction(work, options) {
      const outer = current();
      if (outer) return nested(outer, work);
      const { attempts = 5 } = options;
      return again({ attempts, signal: currentCall()?.signal, retrying }, () => outermost(work, options));
    },
  };
}

function beginning({ isolation, readOnly }: TransactionOptions): string {
  const modes = [isolation && `ISOLATION LEVEL ${isolation.toUpperCase()}`, readOnly && 'READ ONLY'].filter(Boolean);
  return ['BEGIN', modes.join(', ')].join(' ').trim();
}
