import type { DatabaseCore } from '../core.ts';
import type { Connection, Driver, Result, Statement } from '../driver.ts';
import { createTurns } from '../turns.ts';
import { translateConnect, translateStatement, type Part } from '../translate.ts';
import { channel } from './wake-up.ts';

/**
 * A table that is filled and emptied by turns has no statistics that last: without them the planner reads all of it, and what
 * was deleted lately, for the first rows of an index.
 */
const prepare = `SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off; LISTEN ${channel}`;

/** Runs a statement, which has a name where the server is to keep its plan. */
export type Run = (text: string, values: readonly unknown[], name?: string) => Promise<Result>;

/** How a relay speaks with the database. */
export interface Link extends AsyncDisposable {
  /** Runs the work in a transaction: what it locks is its own for as long. No two run at a time. */
  batch<Value>(work: (run: Run) => Promise<Value>): Promise<Value>;
}

/** @param hear Called when another process tells that something is in the outbox. */
export function openLink(core: DatabaseCore, hear: () => void): Link {
  return core.openAside ? createServerLink(core, core.openAside(), hear) : createEmbeddedLink(core);
}

interface Kept {
  readonly connection: Connection;
  readonly until: number;
}

function isGood({ connection, until }: Kept): boolean {
  return !connection.broken && !connection.retired && performance.now() < until;
}

/** The one connection is everybody's: a transaction that waits for the broker would have all others wait too. */
function createEmbeddedLink({ background }: DatabaseCore): Link {
  const turns = createTurns();
  return {
    batch: (work) => turns(() => work((text, values) => background({ text, values }))),
    async [Symbol.asyncDispose]() {},
  };
}

/** A connection of its own, so that neither requests nor relay wait for each other. It also listens. */
function createServerLink(core: DatabaseCore, driver: Driver, hear: () => void): Link {
  let current: Kept | undefined;

  const send = (connection: Connection, statement: Statement, part: Part) =>
    core.observe(statement.text, async (doing) => {
      try {
        return await connection.run(statement);
      } catch (error) {
        throw translateStatement(error, doing, part);
      }
    });
  const end = () => {
    current?.connection.release('end');
    current = undefined;
  };
  const connect = async (): Promise<Connection> => {
    if (current && isGood(current)) return current.connection;
    end();
    let connection: Connection;
    try {
      connection = await driver.connect();
    } catch (error) {
      throw translateConnect(error, driver.place.shown);
    }
    current = { connection, until: performance.now() + core.connectionLifetimeMs };
    connection.hear?.(hear);
    await send(connection, { text: prepare, values: [], script: true }, 'begin');
    return connection;
  };

  return {
    async batch(work) {
      try {
        const connection = await connect();
        const command = (text: string, part: Part) => send(connection, { text, values: [] }, part);
        await command('BEGIN ISOLATION LEVEL READ COMMITTED', 'begin');
        const value = await work((text, values, name) =>
          send(connection, { text, values, ...(name && { name }) }, 'transaction'),
        );
        await command('COMMIT', 'commit');
        return value;
      } catch (error) {
        // With the connection end its locks and its transaction.
        end();
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
    },
  };
}
