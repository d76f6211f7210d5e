import { DrizzleQueryError, type ExtractTablesWithRelations } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { Result, Statement } from './driver.ts';

/** Tables and relations, as Drizzle defines them. */
export type Models = Record<string, unknown>;

/** What Drizzle gives for a statement without a model. */
export interface ResultKind extends PgQueryResultHKT {
  type: Result<this['row']>;
}

export type Orm<Given extends Models> = PgDatabase<ResultKind, Given, ExtractTablesWithRelations<Given>>;

/** Drizzle over whatever runs statements. Its own transactions are not used. */
export function createOrm<Given extends Models>(
  models: Given,
  run: (statement: Statement) => Promise<Result>,
): Orm<Given> {
  // Of the pool of `pg` it uses no more than this.
  const client = { query: (config: Omit<Statement, 'values'>, values: unknown[]) => run({ ...config, values }) };
  const orm = drizzle(client as never, { schema: models });
  const { session } = orm._;
  const prepareQuery = session.prepareQuery.bind(session);
  session.prepareQuery = (...given) => withOwnErrors(prepareQuery(...given));
  return orm;
}

interface Prepared {
  execute(values?: Record<string, unknown>): Promise<unknown>;
  all?(values?: Record<string, unknown>): Promise<unknown>;
}

/** Drizzle wraps each error in one of its own, whose message holds all parameters. */
function withOwnErrors<Query extends Prepared>(prepared: Query): Query {
  const execute = prepared.execute.bind(prepared);
  prepared.execute = (values) => execute(values).catch(unwrap);
  const all = prepared.all?.bind(prepared);
  if (all) prepared.all = (values) => all(values).catch(unwrap);
  return prepared;
}

function unwrap(error: unknown): never {
  throw error instanceof DrizzleQueryError ? error.cause : error;
}
