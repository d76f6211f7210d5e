import type { DatabaseCore } from './core.ts';

/** How many rows a statement deletes, and how long the pauses are between two rounds, in milliseconds. */
const batchSize = 1_000;
const everyMs = 60_000;

export interface CleanUpOptions {
  readonly table: string;
  /** When a row was made. */
  readonly column: string;
  /** How long a row is kept, in milliseconds. */
  readonly keepMs: number;
}

/**
 * Deletes rows that are too old, now and then while the table is used, behind whoever uses it. Several processes share the
 * work.
 *
 * @returns What is called with each use.
 */
export function createCleanUp(
  { background, logger }: Pick<DatabaseCore, 'background' | 'logger'>,
  { table, column, keepMs }: CleanUpOptions,
): () => void {
  const text = `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM ${table} WHERE ${column} < now() - $1 * interval '1 millisecond'
    ORDER BY ${column} LIMIT ${batchSize} FOR UPDATE SKIP LOCKED))`;
  let next = 0;
  const clean = async () => {
    let deleted: number;
    do deleted = (await background({ text, values: [keepMs] })).rowCount ?? 0;
    while (deleted === batchSize);
  };
  return () => {
    const now = performance.now();
    if (now < next) return;
    next = Number.POSITIVE_INFINITY;
    clean()
      .catch((err: unknown) => logger.warn({ err, table }, 'Rows that are too old could not be deleted'))
      .finally(() => (next = performance.now() + everyMs));
  };
}
