import { readSettings } from '@org/config';
import { databaseSettings, openDatabase, type Database, type DatabaseSettings } from '@org/database';
import { collectLogger, findPostgres } from '@org/testing';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import {
  documentsSettings,
  openDocuments,
  type CollectionDefinition,
  type Documents,
  type DocumentsSettings,
} from '../src/index.ts';
import { createTables } from './create-tables.ts';

export const kinds = ['pglite', 'postgres'] as const;
export type Kind = (typeof kinds)[number];

export const service = { name: 'tests', version: '1.0.0', commit: undefined };

/** An empty database of the test's own. */
export interface TestDatabase extends AsyncDisposable {
  readonly database: Database;
  /** Makes the tables of collections, and opens them. */
  open(...collections: CollectionDefinition[]): Promise<Documents>;
}

/** `undefined` where there is no server. */
export async function openTest(
  kind: Kind,
  environment: Record<string, string> = {},
): Promise<TestDatabase | undefined> {
  await using stack = new AsyncDisposableStack();
  const made = kind === 'pglite' ? { url: 'pglite:memory' } : await createDatabase();
  if (!made) return undefined;
  if ('drop' in made) stack.defer(made.drop);
  const config = { database: databaseSettings(), documents: documentsSettings() };
  const { settings } = readSettings(config, {
    environment: { DATABASE_URL: made.url, ...environment },
    service: 'tests',
    schemes: [],
  });
  const runtime = { logger: collectLogger(), service };
  const database = stack.use(await openDatabase(settings.database as DatabaseSettings, { models: {} }, runtime));
  const owned = stack.move();
  return {
    database,
    async open(...collections) {
      for (const statement of await createTables(collections)) await database.execute(sql.raw(statement));
      return openDocuments(settings.documents as DocumentsSettings, { database, collections }, runtime);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function createDatabase() {
  const server = await findPostgres();
  if (!server) return undefined;
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const execute = async (statement: string) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  // One that sorts texts otherwise than by their code points, where nothing else is said.
  await execute(`CREATE DATABASE ${name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'`);
  const url = new URL(server.url);
  url.pathname = name;
  const drop = async () => {
    await execute(`DROP DATABASE ${name} WITH (FORCE)`);
    await server[Symbol.asyncDispose]();
  };
  return { url: url.href, drop };
}
