import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { Connection, Driver, ParseType, Place, Result, Statement } from '../driver.ts';
import { toText } from './to-text.ts';

/** The same where the database is in memory alone. */
export function createMemoryDriver(database: PGlite): Driver {
  return createPgliteDriver(database, { shown: 'pglite:memory', namespace: 'postgres' });
}

/** The engine in this process as a pool of one connection. */
export function createPgliteDriver(database: PGlite, place: Place): Driver {
  // Values go in and come out as text, so that they are written and read as those of a server are.
  database.serializers = {};
  database.parsers = new Proxy({}, { get: () => (text: string) => text });
  let crashed = false;
  const connection: Connection = {
    get broken() {
      return crashed || database.closed;
    },
    async run(statement) {
      try {
        return await run(database, statement);
      } catch (error) {
        // The engine was stopped in the middle of its work, and cannot be asked anything any more.
        crashed ||= error instanceof Error && ['RuntimeError', 'ExitStatus'].includes(error.name);
        throw error;
      }
    },
    giveUp: async (answer) => void (await answer),
    release: () => {},
  };
  return {
    place,
    size: 1,
    open: () => 1,
    takeAtHand: () => connection,
    connect: async () => connection,
    async check() {
      // A transaction that failed refuses all statements, and the engine does not.
      if (crashed || !database.ready) throw new Error('connection terminated: the engine has ended');
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

async function run(database: PGlite, { text, values, script, rowMode, types }: Statement): Promise<Result> {
  if (script) {
    await database.exec(text);
    return { rows: [], rowCount: null };
  }
  const parse: ParseType = types?.getTypeParser ?? pg.types.getTypeParser;
  const {
    rows,
    fields,
    rowCount = null,
  } = await database.query<(string | null)[]>(text, values.map(toText), {
    rowMode: 'array',
  });
  const readers = fields.map(({ dataTypeID }) => parse(dataTypeID, 'text'));
  const read = (row: (string | null)[]) => row.map((value, index) => (value === null ? null : readers[index]?.(value)));
  if (rowMode === 'array') return { rows: rows.map(read), rowCount };
  const named = (row: unknown[]) => Object.fromEntries(fields.map(({ name }, index) => [name, row[index]]));
  return { rows: rows.map((row) => named(read(row))), rowCount };
}
