import {
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  type ExtractTablesWithRelations,
} from 'drizzle-orm';
import { PgDatabase, PgDialect, type PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { Result } from './driver.ts';
import { OrmSession, type Run } from './orm-session.ts';

/** Tables and relations, as Drizzle defines them. */
export type Models = Record<string, unknown>;

/** What Drizzle gives for a statement without a model. */
export interface ResultKind extends PgQueryResultHKT {
  type: Result<this['row']>;
}

export type Orm<Given extends Models> = PgDatabase<ResultKind, Given, ExtractTablesWithRelations<Given>>;

/** Drizzle over whatever runs statements. */
export function createOrm<Given extends Models>(models: Given, run: Run): Orm<Given> {
  const dialect = new PgDialect();
  const { tables, tableNamesMap } = extractTablesRelationalConfig<ExtractTablesWithRelations<Given>>(
    models,
    createTableRelationsHelpers,
  );
  return new PgDatabase(dialect, new OrmSession(dialect, run), { fullSchema: models, schema: tables, tableNamesMap });
}
