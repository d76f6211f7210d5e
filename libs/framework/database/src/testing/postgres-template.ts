import { createHash } from 'node:crypto';
import { openDatabase, type OpenDatabaseOptions } from '../open-database.ts';
import type { Models } from '../orm.ts';
import { createPostgres } from '../postgres/postgres-driver.ts';
import { isServerError } from '../translate.ts';
import { nameOf, removeLeftOvers, removeTemplates } from './left-overs.ts';
import { remember } from './remember.ts';
import { settingsOf, testRuntime } from './settings-of.ts';
import type { Template } from './test-databases.ts';

/** Runs a statement at the server, in a session of no test. */
export type Ask = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** How long migrations may take, in milliseconds. */
const longestMs = 600_000;

/** Has the server copy a database with all migrations, which it makes where there is none yet. */
export function createPostgresTemplate<Given extends Models>(
  options: OpenDatabaseOptions<Given>,
  server: string,
): Template {
  // Whoever makes the template takes as long as the migrations do, and others wait for it.
  const settings = { ...settingsOf(server), statementTimeoutMs: longestMs, lockTimeoutMs: longestMs };
  const driver = createPostgres(settings, testRuntime());
  const inSession = async <Value>(work: (ask: Ask) => Promise<Value>): Promise<Value> => {
    const connection = await driver.connect();
    try {
      return await work(async (text, values = []) => (await connection.run({ text, values })).rows as never);
    } finally {
      connection.release(connection.broken ? 'end' : 'keep');
    }
  };
  const urlOf = (name: string) => {
    const url = new URL(server);
    url.pathname = name;
    return url.href;
  };
  const migrated = async (name: string) => {
    await using _database = await openDatabase(settingsOf(urlOf(name)), options, testRuntime());
  };
  const template = remember(() => inSession((ask) => findOrMake(ask, checksumOf(options), migrated)));
  const create = async () => {
    const name = nameOf('copy');
    const copy = async () => {
      const origin = await template.get();
      await inSession((ask) => ask(`CREATE DATABASE ${name} TEMPLATE ${origin}`));
    };
    await copy().catch(async (error: unknown) => {
      // Whoever made other templates since has deleted it.
      if (!isServerError(error) || error.code !== '3D000') throw error;
      template.forget();
      await copy();
    });
    return {
      url: urlOf(name),
      [Symbol.asyncDispose]: async () => {
        await inSession((ask) => ask(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
      },
    };
  };
  return {
    copy: create,
    async open(options) {
      await using stack = new AsyncDisposableStack();
      const { url } = stack.use(await create());
      const database = stack.use(await openDatabase(settingsOf(url), options, testRuntime()));
      const owned = stack.move();
      return Object.assign(database, { [Symbol.asyncDispose]: () => owned.disposeAsync() });
    },
  };
}

/** Finds the template of these migrations, or makes it, one process at a time. */
async function findOrMake(ask: Ask, checksum: string, migrate: (name: string) => Promise<void>): Promise<string> {
  await ask("SELECT pg_advisory_lock(hashtext('test databases'))");
  try {
    await removeLeftOvers(ask);
    const template = nameOf('template', checksum);
    const suffix = template.replace(/^.*_/, '_');
    const [there] = await ask<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1) AND right(datname, $2) = $3',
      ['test_template_', suffix.length, suffix],
    );
    if (there) return there.datname;
    await removeTemplates(ask);
    // Whoever is ended meanwhile leaves no template that is not finished.
    const draft = nameOf('copy');
    await ask(`CREATE DATABASE ${draft}`);
    try {
      await migrate(draft);
      // A template that somebody uses cannot be copied.
      await ask(`ALTER DATABASE ${draft} WITH ALLOW_CONNECTIONS false`);
      await ask(`ALTER DATABASE ${draft} RENAME TO ${template}`);
    } catch (error) {
      await ask(`DROP DATABASE ${draft} WITH (FORCE)`);
      throw error;
    }
    return template;
  } finally {
    await ask("SELECT pg_advisory_unlock(hashtext('test databases'))");
  }
}

function checksumOf({ migrations = [] }: OpenDatabaseOptions<Models>): string {
  const hash = createHash('sha256');
  for (const { name, sql } of migrations) hash.update(`${JSON.stringify([name, sql])}\n`);
  return hash.digest('hex').slice(0, 16);
}
