import { untilAborted } from '@org/context';
import type { Runtime } from '@org/runtime';
import pg from 'pg';
import type { Connection, Driver } from '../driver.ts';
import type { DatabaseSettings } from '../settings.ts';
import { cancel, type Session } from './cancel.ts';
import { createPools } from './pools.ts';
import { readLogin, readTarget, showTarget } from './target.ts';

/** How much longer than the server a client waits for a statement before it gives up the connection, in milliseconds. */
const graceMs = 5_000;
/** How long a statement that was given up may go on before its connection is ended, in milliseconds. */
const giveUpMs = 2_000;

/** Connections to a PostgreSQL server. None is made before it is needed. */
export function createPostgres(
  settings: DatabaseSettings,
  { logger, service }: Pick<Runtime, 'logger' | 'service'>,
): Driver {
  const target = readTarget(settings.url.reveal());
  const login = () => {
    const { username: user, password } = settings.credentials?.reveal() ?? readLogin(settings.url.reveal());
    // Nothing is taken from the environment or the home of the user.
    return { user, password: () => password ?? '' };
  };
  const config: pg.PoolConfig = {
    host: target.host,
    port: target.port,
    database: target.database,
    ssl: target.tls,
    application_name: service.name,
    keepAlive: true,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.transactionIdleMs,
    idleTimeoutMillis: settings.poolIdleMs,
    maxLifetimeSeconds: Math.ceil(settings.poolLifetimeMs / 1_000),
    // The check has one of its own, so that a service at work is not taken for one that is ill.
    max: settings.poolSize + 1,
  };
  // Either may have changed since the last connection.
  class Client extends pg.Client {
    constructor(given: pg.ClientConfig) {
      super({ ...given, ...login() });
    }
  }
  const lost = (error: Error) => {
    const { code = error.message } = error as { code?: string };
    logger.warn({ code }, 'A connection to the database was lost');
  };
  const ended = new WeakSet<pg.ClientBase>();
  const openPool = () => {
    const pool = new pg.Pool({ ...config, Client: Client as unknown as NonNullable<pg.PoolConfig['Client']> });
    pool.on('error', lost);
    // A client that is in use tells nobody else, and an error that nobody hears ends the process.
    pool.on('connect', (client) => {
      client.on('error', () => {});
      client.once('end', () => ended.add(client));
    });
    return pool;
  };
  const pools = createPools(openPool, [settings.url, settings.credentials], logger);

  const used = new Set<Connection>();
  const connect = async (signal?: AbortSignal): Promise<Connection> => {
    const pool = pools.current;
    const client = await obtain(pool, signal);
    const terminate = () => streamOf(client).destroy(new Error('Connection terminated: the server does not answer'));
    const connection: Connection = {
      get broken() {
        return ended.has(client);
      },
      get retired() {
        return pool !== pools.current;
      },
      async run({ types, script = false, ...statement }) {
        const timer = setTimeout(terminate, settings.statementTimeoutMs + graceMs);
        try {
          const answer = await client.query({
            ...statement,
            values: [...statement.values],
            ...(types && { types: types as never }),
          });
          // Several statements have an answer each.
          return script ? { rows: [], rowCount: null } : answer;
        } finally {
          clearTimeout(timer);
        }
      },
      async giveUp(answer) {
        const timer = setTimeout(terminate, giveUpMs);
        const asked = cancel(client as unknown as Session, { ...target, ssl: target.tls }, giveUpMs);
        await Promise.all([asked, answer]);
        clearTimeout(timer);
      },
      hear: (listener) => void client.on('notification', listener),
      release(outcome) {
        if (!used.delete(connection)) return;
        client.release(outcome === 'end');
      },
    };
    used.add(connection);
    return connection;
  };
  return {
    place: {
      shown: showTarget(target, login().user),
      namespace: target.database,
      host: target.host,
      port: target.port,
    },
    size: settings.poolSize,
    open: () => pools.count(),
    connect,
    async check(signal) {
      const connection = await connect(signal);
      const end = () => connection.release('end');
      signal.addEventListener('abort', end, { once: true });
      try {
        await connection.run({ text: 'SELECT 1', values: [] });
        signal.throwIfAborted();
        connection.release('keep');
      } finally {
        signal.removeEventListener('abort', end);
        end();
      }
    },
    async [Symbol.asyncDispose]() {
      const ended = pools.end();
      for (const connection of used) connection.release('end');
      await ended;
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

function streamOf(client: pg.PoolClient): { destroy(error: Error): void } {
  return (client as unknown as { connection: { stream: { destroy(error: Error): void } } }).connection.stream;
}
