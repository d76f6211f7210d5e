import type { CommandMessage, EventMessage, Sent } from '@org/contract';
import type { DatabaseCore } from '../core.ts';
import type { Statement } from '../driver.ts';
import type { Keeping } from '../keeping.ts';
import { orTableMissing } from '../table-missing.ts';
import { assertPublished, createOutboxEvent } from './create-outbox-event.ts';

/** What may be said about one message. */
export interface OutboxPublishOptions {
  /** Names the message: a second one with the same is a duplicate of it. Default: a random UUID. */
  readonly id?: string;
  /** The partition key. Default: what the message's own `key` makes of the data. */
  readonly key?: string;
  /** What it is about, such as the id of an order. */
  readonly subject?: string;
  /** When it happened. Default: now. */
  readonly time?: Date;
  /** When it loses its use: from then on consumers acknowledge it without handling it. Default: never. */
  readonly expiresAt?: Date;
}

/** Messages that leave if the transaction of the running code is kept, and only then. */
export interface Outbox {
  /**
   * Tells that something happened. Resolves when the event is in the outbox: it leaves once the transaction is committed, and
   * where there is none it has one of its own. `relayOutbox` hands it to the broker, those of one key in the order in which
   * their transactions were committed.
   *
   * Until its end the transaction has its key for itself: others that publish for the same key wait, for
   * `DATABASE_LOCK_TIMEOUT` at most. So publish late in a transaction, and in the same order of keys everywhere.
   *
   * @throws {TypeError} when the service's contract does not name the event under `publishes`.
   * @throws {ServiceError} invalid_argument, PAYLOAD_…, for data that does not fit or is too large; failed_precondition,
   *   TABLE_MISSING; aborted, LOCK_TIMEOUT; and as any statement.
   */
  publish<Event extends EventMessage>(
    event: Event,
    data: Sent<Event['data']>,
    options?: OutboxPublishOptions,
  ): Promise<{ readonly id: string }>;
  /** Tells the one service that handles it to do something. Resolves and rejects as `publish` does. */
  send<Command extends CommandMessage>(
    command: Command,
    data: Sent<Command['data']>,
    options?: OutboxPublishOptions,
  ): Promise<{ readonly id: string }>;
}

export function createOutbox(core: DatabaseCore, { maximumBytes }: Keeping['outbox']): Outbox {
  const store = async (message: EventMessage | CommandMessage, data: unknown, options: OutboxPublishOptions) => {
    const { id, key, json } = createOutboxEvent(core, message, { ...options, data, maximumBytes });
    const insertion = insertionOf(core, [message.kind, key ?? null, json]);
    await orTableMissing('outbox', `publish \`${message.type}\``, core.run(insertion));
    core.transactions.whenKept(core.wakeUp.tell);
    return { id };
  };
  return {
    async publish(event, data, options = {}) {
      assertPublished(core.contract, event);
      return store(event, data, options);
    },
    send: async (command, data, options = {}) => store(command, data, options),
  };
}

const insert = 'INSERT INTO outbox (kind, key, event) VALUES ($1, $2, $3)';
/**
 * Positions are given in another order than transactions are committed in. Whoever has the lock of a key keeps it until the
 * commit, so that the next one of the key gets its position after that.
 */
const insertInTurn = `WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended('outbox ' || $2, 0)))
  INSERT INTO outbox (kind, key, event) SELECT $1, $2, $3::json FROM turn`;

function insertionOf({ openAside }: DatabaseCore, values: readonly [unknown, unknown, unknown]): Statement {
  // Where there is one connection, one transaction comes after the other.
  if (values[1] === null || !openAside) return { text: insert, values, name: 'outbox_insert' };
  return { text: insertInTurn, values, name: 'outbox_insert_in_turn' };
}
