import { createCleanUp } from './clean-up.ts';
import type { DatabaseCore } from './core.ts';
import type { Keeping } from './keeping.ts';
import { orTableMissing } from './table-missing.ts';

/** Sees to it that a message which comes twice is worked on once: work and mark are one transaction. */
export interface DatabaseInbox {
  /**
   * Runs the work unless this consumer has done it for this id; what the work throws goes to the caller, and marks nothing.
   * While the same work runs elsewhere it waits for its end. After a conflict with others the work is run again, as that of
   * any transaction.
   *
   * @param consumer The name of the subscription.
   * @param id The id of the event.
   * @throws {ServiceError} aborted, LOCK_TIMEOUT, when the same work runs elsewhere for longer than `DATABASE_LOCK_TIMEOUT`;
   *   failed_precondition, TABLE_MISSING; what the work throws, and what `transaction` does.
   */
  run(consumer: string, id: string, work: () => Promise<void>): Promise<'done' | 'duplicate'>;
}

export function createInbox(core: DatabaseCore, { keepMs }: Keeping['inbox']): DatabaseInbox {
  const cleanUp = createCleanUp(core, { table: 'inbox', column: 'done_at', keepMs });
  return {
    async run(consumer, id, work) {
      const done = await core.transactions.transaction(async () => {
        // A row of a transaction that has not ended is waited for.
        const mark = {
          text: 'INSERT INTO inbox (consumer, id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
          values: [consumer, id],
        };
        const { rowCount } = await orTableMissing('inbox', 'take the message', core.run(mark));
        if (rowCount === 0) return 'duplicate';
        await work();
        return 'done';
      }, {});
      cleanUp();
      return done;
    },
  };
}
