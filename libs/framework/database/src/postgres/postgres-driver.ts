import { untilAborted } from '@org/context';
import type { Runtime } from '@org/runtime';
import pg from 'pg';
import type { Driver } from '../driver.ts';
import type { DatabaseSettings } from '../settings.ts';
import { createAtHand } from './at-hand.ts';
import { readLogin, readTarget, showTarget } from './target.ts';

/** How much longer than the server a client waits for a statement before it gives up the connection, in milliseconds. */
const graceMs = 5_000;

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
  const pool = new pg.Pool({ ...config, Client: Client as unknown as NonNullable<pg.PoolConfig['Client']> });
  const lost = (error: Error) => {
    const { code = error.message } = error as { code?: string };
    logger.warn({ code }, 'A connection to the database was lost');
  };
  pool.on('error', lost);
  const { connect, takeAtHand, endAll } = createAtHand(pool, {
    target,
    statementMs: settings.statementTimeoutMs + graceMs,
    lost,
  });
  return {
    place: {
      shown: showTarget(target, login().user),
      namespace: target.database,
      host: target.host,
      port: target.port,
    },
    size: settings.poolSize,
    open: () => pool.totalCount,
    connect,
    takeAtHand,
    async check(signal) {
      const connection = await connect(signal);
      let outcome: 'keep' | 'end' = 'end';
      try {
        await untilAborted(signal, () => connection.run({ text: 'SELECT 1', values: [] }));
        outcome = 'keep';
      } finally {
        connection.release(outcome);
      }
    },
    async [Symbol.asyncDispose]() {
      const ended = pool.end();
      endAll();
      await ended;
    },
  };
}
