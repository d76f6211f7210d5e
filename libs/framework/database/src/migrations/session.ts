import type { Connection, Driver, Statement } from '../driver.ts';
import { translateConnect, translateStatement, type Part } from '../translate.ts';

/** One connection, whose failures are told in our own words. */
export interface Session {
  /** Runs a statement of the migrations' own. */
  run(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** @param doing For errors: apply the migration `0001_orders`. */
  send(statement: Statement, doing: string, part: Part): Promise<void>;
}

/** Runs the work on one connection, which is ended where it is broken, and given back otherwise. */
export async function withSession<Value>(driver: Driver, work: (session: Session) => Promise<Value>): Promise<Value> {
  const connection = await connect(driver);
  const run = async (statement: Statement, doing: string, part: Part) => {
    try {
      return (await connection.run(statement)).rows;
    } catch (error) {
      throw translateStatement(error, doing, part);
    }
  };
  try {
    return await work({
      run: async (text, values = []) => (await run({ text, values }, 'read the migrations', 'alone')) as never,
      send: async (...given) => void (await run(...given)),
    });
  } finally {
    connection.release(connection.broken ? 'end' : 'keep');
  }
}

async function connect(driver: Driver): Promise<Connection> {
  try {
    return await driver.connect();
  } catch (error) {
    throw translateConnect(error, driver.place.shown);
  }
}
