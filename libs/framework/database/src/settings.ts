import {
  connectionUrl,
  credentials,
  defineSettings,
  duration,
  integer,
  oneOf,
  variable,
  type Credentials,
  type Fragment,
  type Secret,
} from '@org/config';

/** Which database to use, and what may be asked of it. */
export interface DatabaseSettings {
  /** `pglite:PATH` and `pglite:memory` are embedded, `postgres:` and `postgresql:` lead to a server. */
  readonly url: Secret<string>;
  /** Asked anew for each connection. */
  readonly credentials: Secret<Credentials> | undefined;
  /** What the start does about migrations that are missing: apply them, or refuse. */
  readonly migrate: 'apply' | 'verify';
  /** How long the start waits for another process that migrates, and how long a part of a migration may take, in milliseconds. */
  readonly migrateTimeoutMs: number;
  /** How long the start waits for the database, and a connection for its server, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How many connections there are at most. */
  readonly poolSize: number;
  /** How long a statement or a transaction waits for a connection that is free, in milliseconds. */
  readonly poolTimeoutMs: number;
  /** After what time a connection that nobody uses is closed, in milliseconds. */
  readonly poolIdleMs: number;
  /** After what time a connection is replaced, in milliseconds. */
  readonly poolLifetimeMs: number;
  /** How long a statement may take, in milliseconds. */
  readonly statementTimeoutMs: number;
  /** How long a statement waits for a lock, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** How long a transaction may do nothing, in milliseconds. */
  readonly transactionIdleMs: number;
}

const ports = { 'postgres:': 5432, 'postgresql:': 5432 };

/** The settings of a database: `DATABASE_URL` (default: `pglite:.data/<service>`), and `DATABASE_…`. */
export function databaseSettings(): Fragment<DatabaseSettings> {
  return defineSettings<DatabaseSettings>(
    {
      url: variable('DATABASE_URL', connectionUrl({ protocols: ['pglite:', ...Object.keys(ports)] }), {
        description: 'The database: embedded in a folder or in memory (`pglite:memory`), or a PostgreSQL server.',
        default: ({ service }) => `pglite:.data/${service}`,
        embedded: true,
        example: 'postgres://orders@db:5432/orders?sslmode=verify-full',
      }),
      credentials: variable('DATABASE_CREDENTIALS', credentials(), {
        description:
          'User and password at the database, for each new connection; those in the URL hold where there are none.',
        optional: true,
        example: 'vault:kv/orders/database',
      }),
      migrate: variable('DATABASE_MIGRATE', oneOf(['apply', 'verify']), {
        description: 'What the start does about migrations that are missing: `apply` them, or refuse (`verify`).',
        default: 'apply',
      }),
      migrateTimeoutMs: variable('DATABASE_MIGRATE_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long the start waits for another process that migrates, and how long a migration may take.',
        default: '10m',
      }),
      connectTimeoutMs: variable('DATABASE_CONNECT_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long the start waits for the database, and a connection for its server.',
        default: '10s',
      }),
      poolSize: variable('DATABASE_POOL_SIZE', integer({ min: 1, max: 1_000 }), {
        description: 'How many connections to the server there are at most; one more is for the check.',
        default: '10',
      }),
      poolTimeoutMs: variable('DATABASE_POOL_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long a statement or a transaction waits for a connection that is free.',
        default: '5s',
      }),
      poolIdleMs: variable('DATABASE_POOL_IDLE', duration({ min: '1ms' }), {
        description: 'After what time a connection that nobody uses is closed.',
        default: '30s',
      }),
      poolLifetimeMs: variable('DATABASE_POOL_LIFETIME', duration({ min: '1s' }), {
        description: 'After what time a connection is replaced, so that credentials and servers can change.',
        default: '30m',
      }),
      statementTimeoutMs: variable('DATABASE_STATEMENT_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long a statement may take.',
        default: '30s',
      }),
      lockTimeoutMs: variable('DATABASE_LOCK_TIMEOUT', duration({ min: '1ms' }), {
        description: 'How long a statement waits for a lock that somebody else holds.',
        default: '10s',
      }),
      transactionIdleMs: variable('DATABASE_TRANSACTION_IDLE', duration({ min: '1ms' }), {
        description: 'How long a transaction may do nothing before the server ends it.',
        default: '1m',
      }),
    },
    { connections: [{ kind: 'datastore', variable: 'DATABASE_URL', ports }] },
  );
}
