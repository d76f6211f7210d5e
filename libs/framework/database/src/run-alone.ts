import { currentCall } from '@org/context';
import { again, type AgainOptions } from './again.ts';
import type { Result, Statement } from './driver.ts';
import type { Observe } from './observe.ts';
import type { Pool } from './pool.ts';
import { runStatement } from './run-statement.ts';

/** How often a statement of its own is run at most when it collides with others. */
const attempts = 3;

export interface RunAloneParts extends Pick<AgainOptions, 'retrying'> {
  readonly pool: Pool;
  readonly observe: Observe;
}

/** Runs a statement that is in no transaction, for the current call. */
export function createRunAlone({ pool, observe, retrying }: RunAloneParts): (statement: Statement) => Promise<Result> {
  return (statement) => {
    const signal = currentCall()?.signal;
    const run = async (doing: string) => {
      const lease = await pool.lease(doing, signal);
      try {
        return await runStatement(lease, statement, { doing, part: 'alone', signal });
      } finally {
        void lease.end();
      }
    };
    return again({ attempts, signal, retrying }, () => observe(statement.text, run));
  };
}
