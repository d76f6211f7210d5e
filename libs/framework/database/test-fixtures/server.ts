import { postgresRequirement, skipUnless, startPostgres, type PostgresServer } from '@org/testing';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { open, type Opened } from './databases.ts';
import * as models from './models.ts';

/** A PostgreSQL server of the tests of one file, while they run. */
export type OwnServer = Pick<PostgresServer, 'url' | 'kill' | 'restart' | 'freeze' | 'thaw'>;

/**
 * Has the tests of a file run with a server of their own, with the tables of the models in its database; they are skipped where
 * none can be started. An error that any of them leaves to nobody fails the file.
 *
 * @param prepare Does once what else they need there.
 */
export function useOwnServer(prepare?: (database: Opened) => Promise<unknown>): OwnServer {
  let server: PostgresServer | undefined;
  const escaped: unknown[] = [];
  const escape = (error: unknown) => void escaped.push(error);
  beforeAll(async () => {
    process.on('uncaughtException', escape).on('unhandledRejection', escape);
    server = await startPostgres();
    if (!server) return;
    await using database = await open(server.url);
    for (const statement of models.schema) await database.execute(statement);
    await prepare?.(database);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    process.off('uncaughtException', escape).off('unhandledRejection', escape);
    expect(escaped).toEqual([]);
  });
  beforeEach((context) => skipUnless(context, server !== undefined, postgresRequirement));
  return {
    get url() {
      return server!.url;
    },
    kill: () => server!.kill(),
    restart: () => server!.restart(),
    freeze: () => server!.freeze(),
    thaw: () => server!.thaw(),
  };
}
