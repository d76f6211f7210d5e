import { currentCall, currentContext, runInContext, untilAborted } from '@org/context';
import type { ServiceError } from '@org/errors';
import { again } from './again.ts';
import { transactionFailed, transactionOver } from './database-errors.ts';
import type { Result, Statement } from './driver.ts';
import type { Lease } from './lease.ts';
import type { Observe } from './observe.ts';
import type { Pool } from './pool.ts';
import { translateStatement, type Part } from './translate.ts';
import { createTurns, type Turns } from './turns.ts';

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export interface TransactionOptions {
  /** Default: the server's, which is `read committed` unless it is set otherwise. */
  readonly isolation?: Isolation;
  /** Whether it only reads. Default: `false`. */
  readonly readOnly?: boolean;
  /** How often the work is run at most when it collides with others. Default: 5. */
  readonly attempts?: number;
}

/** A transaction, or a savepoint in one, while its work runs. */
interface Level {
  readonly lease: Lease;
  readonly depth: number;
  /** One statement or nested transaction after the other: what ran during a nested one would be undone with it. */
  readonly turns: Turns;
  /** Whether its work has ended. */
  over: boolean;
  /** The first failure of a statement of its own, which undid the others. */
  failure: unknown;
}

export interface Transactions {
  /** Runs a statement in the transaction of the running code; `undefined` where there is none. */
  run(statement: Statement): Promise<Result> | undefined;
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
  const current = () => currentContext().getValue(key) as Level | undefined;
  const within = <Value>(level: Level, work: () => Promise<Value>) =>
    runInContext(currentContext().setValue(key, level), async () => work());

  const send = (lease: Lease, statement: Statement, part: Part, signal?: AbortSignal) =>
    observe(statement.text, async (doing) => {
      try {
        return await lease.run(statement, signal);
      } catch (error) {
        throw error === signal?.reason ? error : translateStatement(error, doing, part);
      }
    });
  const command = (lease: Lease, text: string, part: Part = 'transaction', signal?: AbortSignal) =>
    send(lease, { text, values: [] }, part, signal);

  const run = async (level: Level, statement: Statement) => {
    if (level.over) throw transactionOver('run a statement');
    const signal = currentCall()?.signal;
    const inTurn = () =>
      level.turns(async () => {
        signal?.throwIfAborted();
        try {
          return await send(level.lease, statement, 'transaction', signal);
        } catch (error) {
          level.failure ??= error;
          throw error;
        }
      });
    return signal ? untilAborted(signal, inTurn) : inTurn();
  };

  /** Runs the work in a level, then `keep`; or `undo` when anything fails. */
  const finish = async <Value>(
    level: Level,
    work: () => Promise<Value>,
    { keep, undo }: { keep: () => Promise<unknown>; undo: () => Promise<unknown> },
  ) => {
    try {
      const value = await within(level, work);
      level.over = true;
      // What the work has begun without waiting for it belongs to it.
      await level.turns(async () => {});
      if (level.failure !== undefined) throw transactionFailed(level.failure);
      await keep();
      return value;
    } catch (error) {
      level.over = true;
      await level.turns(undo);
      throw error;
    }
  };

  const nested = async <Value>(outer: Level, work: () => Promise<Value>) => {
    if (outer.over) throw transactionOver('begin a transaction');
    return outer.turns(async () => {
      const { lease } = outer;
      const level = createLevel(lease, outer.depth + 1);
      const name = `level_${level.depth}`;
      const inOuter = async (text: string) => {
        try {
          await command(lease, text);
        } catch (error) {
          outer.failure ??= error;
          throw error;
        }
      };
      await inOuter(`SAVEPOINT ${name}`);
      return finish(level, work, {
        keep: () => inOuter(`RELEASE SAVEPOINT ${name}`),
        undo: () => inOuter(`ROLLBACK TO SAVEPOINT ${name}`).catch(() => {}),
      });
    });
  };

  const outermost = async <Value>(work: () => Promise<Value>, options: TransactionOptions) => {
    const signal = currentCall()?.signal;
    const lease = await pool.lease('begin a transaction', signal);
    let ended: Promise<void> | undefined;
    try {
      await command(lease, beginning(options), 'begin', signal);
      return await finish(createLevel(lease, 0), work, {
        keep: () => {
          signal?.throwIfAborted();
          // Nobody gives up here: what the server does with it would not be known.
          return command(lease, 'COMMIT', 'commit');
        },
        undo: async () => {
          if (lease.broken) return;
          // Without it the connection is of no use to others.
          ended = command(lease, 'ROLLBACK').then(
            () => {},
            () => lease.discard(),
          );
          // Whose time is over does not wait for the server.
          if (!signal?.aborted) await ended;
        },
      });
    } finally {
      const end = Promise.resolve(ended).then(() => lease.end());
      if (!signal?.aborted) await end;
    }
  };

  return {
    run(statement) {
      const level = current();
      return level && run(level, statement);
    },
    async transaction(work, options) {
      const outer = current();
      if (outer) return nested(outer, work);
      const { attempts = 5 } = options;
      return again({ attempts, signal: currentCall()?.signal, retrying }, () => outermost(work, options));
    },
  };
}

function createLevel(lease: Lease, depth: number): Level {
  return { lease, depth, turns: createTurns(), over: false, failure: undefined };
}

function beginning({ isolation, readOnly }: TransactionOptions): string {
  const modes = [isolation && `ISOLATION LEVEL ${isolation.toUpperCase()}`, readOnly && 'READ ONLY'].filter(Boolean);
  return ['BEGIN', modes.join(', ')].join(' ').trim();
}
