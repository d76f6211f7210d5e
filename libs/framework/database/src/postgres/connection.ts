import pg from 'pg';
import type { Connection, Result, Statement } from '../driver.ts';
import { cancel, type Session } from './cancel.ts';
import type { Target } from './target.ts';

/** How long a statement that was given up may go on before its connection is ended, in milliseconds. */
const giveUpMs = 2_000;

export interface PostgresConnection extends Connection {
  /** When what runs in it began, by `performance.now()`; `undefined` while nothing does. */
  readonly busySince: number | undefined;
  /** Ends it at once: whatever runs in it rejects. */
  terminate(): void;
}

interface ConnectionParts {
  readonly target: Target;
  /** Whether its session has ended. */
  readonly hasEnded: () => boolean;
  readonly release: Connection['release'];
}

/** A session at a server. */
export function createConnection(
  client: pg.PoolClient,
  { target, hasEnded, release }: ConnectionParts,
): PostgresConnection {
  const terminate = () => streamOf(client).destroy(new Error('Connection terminated: the server does not answer'));
  let busySince: number | undefined;
  return {
    get broken() {
      return hasEnded();
    },
    get busySince() {
      return busySince;
    },
    run(statement) {
      busySince = performance.now();
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      query(client, statement, (error, result) => {
        busySince = undefined;
        if (error) reject(error);
        // Several statements have an answer each.
        else resolve(statement.script ? { rows: [], rowCount: null } : result);
      });
      return promise;
    },
    async giveUp(answer) {
      const timer = setTimeout(terminate, giveUpMs);
      const asked = cancel(client as unknown as Session, { ...target, ssl: target.tls }, giveUpMs);
      await Promise.all([asked, answer]);
      clearTimeout(timer);
    },
    hear: (listener) => void client.on('notification', listener).once('end', listener),
    release,
    terminate,
  };
}

type Answer = (error: Error | undefined, result: Result) => void;

function query(client: pg.PoolClient, statement: Statement, answer: Answer): void {
  const { values } = statement;
  const config = new QueryConfig(statement) as pg.QueryConfig;
  client.query(new Query(config, values.length === 0 ? undefined : [...values], answer));
}

/** Its types leave out the values. */
const Query = pg.Query as unknown as new (
  config: pg.QueryConfig,
  values: unknown[] | undefined,
  answer: Answer,
) => pg.Submittable;

/** The client copies its own properties one by one, which takes a microsecond for each. It has one. */
class QueryConfig {
  readonly statement: Statement;
  constructor(statement: Statement) {
    this.statement = statement;
  }
  get text() {
    return this.statement.text;
  }
  get name() {
    return this.statement.name;
  }
  get rowMode() {
    return this.statement.rowMode;
  }
  get types() {
    return this.statement.types;
  }
}

function streamOf(client: pg.PoolClient): { destroy(error: Error): void } {
  return (client as unknown as { connection: { stream: { destroy(error: Error): void } } }).connection.stream;
}
