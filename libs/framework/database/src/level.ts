import { transactionFailed } from './database-errors.ts';
import type { Lease } from './lease.ts';
import { createTurns, type Turns } from './turns.ts';

/** A transaction, or a savepoint in one, while its work runs. */
export interface Level {
  readonly lease: Lease;
  readonly depth: number;
  /** One statement or nested transaction after the other: what ran during a nested one would be undone with it. */
  readonly turns: Turns;
  /** Whether its work has ended. */
  over: boolean;
  /** The first failure of a statement of its own, which undid the others. */
  failure: unknown;
  /** What is called once the outermost level is kept; all levels have the same. */
  readonly kept: Set<() => void>;
}

export function createLevel(lease: Lease, outer?: Level): Level {
  const { depth, kept } = outer
    ? { depth: outer.depth + 1, kept: outer.kept }
    : { depth: 0, kept: new Set<() => void>() };
  return { lease, depth, kept, turns: createTurns(), over: false, failure: undefined };
}

/** Runs the work of a level, then `keep`; or `undo` when anything fails. */
export async function finish<Value>(
  level: Level,
  work: () => Promise<Value>,
  { keep, undo }: { keep: () => Promise<unknown>; undo: () => Promise<unknown> },
): Promise<Value> {
  try {
    const value = await work();
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
}

/** Runs a statement of a level. When it fails, so has the level, whatever its work makes of it. */
export async function orFail<Value>(level: Level, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    level.failure ??= error;
    throw error;
  }
}
