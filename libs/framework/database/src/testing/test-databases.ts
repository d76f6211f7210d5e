import { openDatabase, type Database, type OpenDatabaseOptions } from '../open-database.ts';
import type { Models } from '../orm.ts';
import { createPgliteTemplate } from './pglite-template.ts';
import { createPostgresTemplate } from './postgres-template.ts';
import { settingsOf, testRuntime } from './settings-of.ts';

/** Databases for tests: each has all migrations, nothing in it, and nobody else who uses it. */
export interface TestDatabases<Given extends Models> {
  /** Opens a database of the caller's own. Its disposal deletes it. */
  open(): Promise<Database<Given>>;
  /** Makes a database that nobody has open, for a service under test. Its disposal deletes it. */
  prepare(): Promise<PreparedDatabase<Given>>;
}

export interface PreparedDatabase<Given extends Models> extends AsyncDisposable {
  /** What `DATABASE_URL` of the service is. */
  readonly url: string;
  /**
   * Opens it for the test itself. An embedded one is open once at a time: before the service starts, or after it has stopped.
   *
   * @throws {ServiceError} failed_precondition, DATABASE_IN_USE, while the service has it.
   */
  open(): Promise<Database<Given>>;
}

export interface TestDatabasesOptions {
  /**
   * The URL of a PostgreSQL server, with a user who may create databases. Default: `TEST_DATABASE_URL`; where that is not set
   * databases are embedded (PGlite).
   */
  readonly server?: string;
}

/** What databases are copied from. */
export interface Template {
  /** Opens a copy that is deleted with it. */
  open<Given extends Models>(options: OpenDatabaseOptions<Given>): Promise<Database<Given>>;
  /** Makes a copy that nobody has open. */
  copy(): Promise<AsyncDisposable & { readonly url: string }>;
}

/**
 * Gives each test a database of its own within milliseconds: migrations run once, and what they make is copied. Copies of a
 * server that a process left behind are deleted an hour later, by whoever comes then.
 *
 * Nothing is made before it is asked for. An embedded template belongs to what this gives; one of a server stays there for the
 * next run, by the text of the migrations, and there are eight at most.
 *
 * @example
 * const databases = createTestDatabases({ models, migrations });
 *
 * test('an order is found', async () => {
 *   await using database = await databases.open();
 *   …
 * });
 */
export function createTestDatabases<Given extends Models>(
  options: OpenDatabaseOptions<Given>,
  { server = process.env.TEST_DATABASE_URL || undefined }: TestDatabasesOptions = {},
): TestDatabases<Given> {
  const template = server === undefined ? createPgliteTemplate(options) : createPostgresTemplate(options, server);
  return {
    open: () => template.open(options),
    async prepare() {
      const copy = await template.copy();
      return {
        url: copy.url,
        open: () => openDatabase(settingsOf(copy.url), options, testRuntime()),
        [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
      };
    },
  };
}
