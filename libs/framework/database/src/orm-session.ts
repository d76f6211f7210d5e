import { fillPlaceholders, type Query, type SQL } from 'drizzle-orm';
import { PgPreparedQuery, PgSession, type PgDialect, type PreparedQueryConfig } from 'drizzle-orm/pg-core';
import type { Result, Statement } from './driver.ts';
import { createRowMapper, type Fields, type Joined } from './row-mapper.ts';
import { asDrizzleReads } from './types.ts';

export type Run = (statement: Statement) => Promise<Result>;

type PrepareQuery = PgSession['prepareQuery'];
type MapRows = NonNullable<Parameters<PrepareQuery>[4]>;

/**
 * What Drizzle runs its queries by. Its own one for `pg` wraps each error in another whose message holds all parameters, and
 * takes a microsecond or two more for each of six promises.
 */
export class OrmSession extends PgSession {
  readonly #run: Run;
  constructor(dialect: PgDialect, run: Run) {
    super(dialect);
    this.#run = run;
  }

  override prepareQuery<Config extends PreparedQueryConfig>(
    ...[query, fields, name, , mapRows]: Parameters<PrepareQuery>
  ): PgPreparedQuery<Config> {
    return new OrmQuery<Config>(query, { run: this.#run, fields, name, mapRows });
  }

  override async count(query: SQL): Promise<number> {
    const { rows } = await this.execute<Result<{ count: string }>>(query);
    return Number(rows[0]?.count);
  }

  override transaction(): never {
    throw new TypeError('Expected transactions to be those of the database, got one of its session');
  }
}

interface OrmQueryParts {
  readonly run: Run;
  readonly fields: Fields | undefined;
  readonly name: string | undefined;
  readonly mapRows: MapRows | undefined;
}

class OrmQuery<Config extends PreparedQueryConfig> extends PgPreparedQuery<Config> {
  /** Drizzle sets it where rows come of a join. */
  readonly joinsNotNullableMap: Joined | undefined;
  readonly #parts: OrmQueryParts;
  #mapRow: ReturnType<typeof createRowMapper> | undefined;
  constructor(query: Query, parts: OrmQueryParts) {
    super(query, undefined, undefined);
    this.#parts = parts;
  }

  override execute(given: Record<string, unknown> = {}): Promise<Config['execute']> {
    const { fields, mapRows } = this.#parts;
    if (mapRows) return this.#ask(given, 'array').then(({ rows }) => mapRows(rows as unknown[][]));
    if (!fields) return this.#ask(given);
    const mapRow = (this.#mapRow ??= createRowMapper(fields, this.joinsNotNullableMap));
    return this.#ask(given, 'array').then(({ rows }) => (rows as unknown[][]).map((row) => mapRow(row)));
  }

  all(given: Record<string, unknown> = {}): Promise<Config['all']> {
    return this.#ask(given).then(({ rows }) => rows);
  }

  #ask(given: Record<string, unknown>, rowMode?: 'array'): Promise<Result> {
    const { sql: text, params } = this.query;
    const { run, name } = this.#parts;
    return run({ text, values: fillPlaceholders(params, given), name, rowMode, types: asDrizzleReads });
  }
}
