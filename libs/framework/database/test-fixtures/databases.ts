import { readSettings } from '@org/config';
import { join } from 'node:path';
import { collectLogger, findPostgres, temporaryDirectory, type CollectingLogger } from '@org/testing';
import pg from 'pg';
import { openDatabase, type Database, type OpenDatabaseOptions } from '../src/open-database.ts';
import { databaseSettings, type DatabaseSettings } from '../src/settings.ts';
import * as models from './models.ts';

export type Opened = Database<typeof models>;
export const kinds = ['pglite', 'postgres'] as const;
export type Kind = (typeof kinds)[number];

/** The settings of a service whose environment has these variables. */
export function settingsOf(environment: Readonly<Record<string, string>>): DatabaseSettings {
  const read = readSettings({ database: databaseSettings() }, { environment, service: 'tests', schemes: [] });
  return read.settings.database as DatabaseSettings;
}

export interface OpenOptions extends Partial<Omit<OpenDatabaseOptions<typeof models>, 'models'>> {
  readonly environment?: Readonly<Record<string, string>>;
  readonly settings?: Partial<DatabaseSettings>;
  readonly logger?: CollectingLogger;
  /** Default: none, as where a service says nothing of its promises. */
  readonly contract?: unknown;
}

/** Opens the database of a URL with the models of the tests. */
export function open(
  url: string,
  { environment, settings, logger = collectLogger(), contract, ...options }: OpenOptions = {},
): Promise<Opened> {
  const read = settingsOf({ DATABASE_URL: url, ...environment });
  const service = { name: 'tests', version: '1.0.0', commit: undefined };
  return openDatabase({ ...read, ...settings }, { models, ...options }, { logger, service, contract });
}

/** An empty database, and one with the tables of the models. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly database: Opened;
}

/** `undefined` where there is no server. */
export async function openTest(kind: Kind, options: OpenOptions = {}): Promise<TestDatabase | undefined> {
  await using stack = new AsyncDisposableStack();
  const made = kind === 'pglite' ? { url: 'pglite:memory' } : await createDatabase();
  if (!made) return undefined;
  if ('drop' in made) stack.defer(made.drop);
  const database = stack.use(await open(made.url, options));
  for (const statement of models.schema) await database.execute(statement);
  const owned = stack.move();
  return { url: made.url, database, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** An empty database that stays while it is not open. `undefined` where there is no server. */
export async function createEmpty(kind: Kind): Promise<{ url: string; drop: () => Promise<void> } | undefined> {
  if (kind === 'postgres') return createDatabase();
  const folder = await temporaryDirectory();
  return { url: `pglite:${join(folder.path, 'tests')}`, drop: async () => folder[Symbol.asyncDispose]() };
}

async function createDatabase() {
  const server = await findPostgres();
  if (!server) return undefined;
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  await withClient(server.url, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(server.url);
  url.pathname = name;
  const drop = async () => {
    await withClient(server.url, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    await server[Symbol.asyncDispose]();
  };
  return { url: url.href, drop };
}

/** A connection of the test's own, with which it does what operators do. */
export async function withClient<Value>(url: string, work: (client: pg.Client) => Promise<Value>): Promise<Value> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
