import { untilAborted } from '@org/context';
import type pg from 'pg';
import { createConnection, type PostgresConnection } from './connection.ts';
import type { Target } from './target.ts';

/** For how long a connection is at hand, and how often it is looked who takes too long, in milliseconds. */
const atHandMs = 1_000;

/** Connections out of the client's pool. */
export interface AtHand {
  /** One that was in use a moment ago, where there is one. */
  takeAtHand(): PostgresConnection | undefined;
  /** Rejects with what the client throws, or with the signal's reason. */
  connect(signal?: AbortSignal): Promise<PostgresConnection>;
  /** Gives those that nobody uses back to the client's pool. */
  letGo(): void;
  /** Ends all, also those in use and those that are being made. */
  endAll(): void;
}

interface AtHandOptions {
  readonly target: Target;
  /** How long a statement may take, in milliseconds; its connection is ended then. */
  readonly statementMs: number;
  /** Told of a connection that ends while nobody uses it. */
  readonly lost: (error: Error) => void;
  /** Whether other credentials are in force by now, so that nothing is kept at hand. */
  readonly isRetired: () => boolean;
}

/**
 * Keeps connections at hand for a moment before the client's pool has them again, which sees to those that are idle or old: to ask
 * it for one takes two timers and a turn of the event loop, about as long as all else that is done for a statement on this side.
 */
export function createAtHand(pool: pg.Pool, { target, statementMs, lost, isRetired }: AtHandOptions): AtHand {
  const taken = new Map<pg.PoolClient, PostgresConnection>();
  const atHand: { readonly client: pg.PoolClient; readonly connection: PostgresConnection }[] = [];
  const ended = new WeakSet<pg.ClientBase>();

  const giveBack = (client: pg.PoolClient, end: boolean) => {
    if (taken.delete(client)) client.release(end);
  };
  const dropIfAtHand = (client: pg.ClientBase, error: Error) => {
    const index = atHand.findIndex((each) => each.client === client);
    if (index < 0) return;
    const [dropped] = atHand.splice(index, 1);
    lost(error);
    giveBack(dropped!.client, true);
  };
  pool.on('connect', (client) => {
    // A client that is in use tells nobody else, and an error that nobody hears ends the process.
    client.on('error', (error) => dropIfAtHand(client, error));
    client.once('end', () => {
      ended.add(client);
      dropIfAtHand(client, new Error('Connection terminated'));
    });
  });

  const letGo = () => {
    for (const { client } of atHand.splice(0)) giveBack(client, false);
  };
  const look = () => {
    letGo();
    const now = performance.now();
    for (const connection of taken.values()) {
      if (now - (connection.busySince ?? now) > statementMs) connection.terminate();
    }
    if (taken.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  };
  let looking: NodeJS.Timeout | undefined;
  let isOver = false;

  const open = (client: pg.PoolClient): PostgresConnection => {
    looking ??= setInterval(look, atHandMs).unref();
    const takenAt = performance.now();
    const connection = createConnection(client, {
      target,
      hasEnded: () => ended.has(client),
      isRetired,
      release(outcome) {
        // One that is always in use grows old all the same.
        const isOld = isRetired() || performance.now() - takenAt > atHandMs;
        if (outcome === 'end' || isOld) giveBack(client, outcome === 'end');
        else if (taken.has(client)) atHand.push({ client, connection });
      },
    });
    taken.set(client, connection);
    return connection;
  };
  const takeAtHand = () => atHand.pop()?.connection;
  const make = async (signal: AbortSignal | undefined) => {
    const client = await obtain(pool, signal);
    if (!isOver) return open(client);
    client.release(true);
    throw new Error('Connection terminated: the pool was ended while it was made');
  };
  return {
    takeAtHand,
    letGo,
    connect: async (signal) => takeAtHand() ?? make(signal),
    endAll() {
      isOver = true;
      clearInterval(looking);
      atHand.length = 0;
      for (const client of [...taken.keys()]) giveBack(client, true);
    },
  };
}

/** Whoever waits no longer leaves the connection to others. */
async function obtain(pool: pg.Pool, signal: AbortSignal | undefined): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  if (!signal) return connecting;
  try {
    return await untilAborted(signal, () => connecting);
  } catch (error) {
    if (signal.aborted) connecting.then((client) => client.release()).catch(() => {});
    throw error;
  }
}
