import { createHash } from 'node:crypto';
import { sanitize } from '../summary.ts';

/**
 * One step of the tables, as plain data: a module holds the list of them with their text, since Node reads no `.sql` as a
 * module and beside the bundle there is no folder.
 *
 * @example
 * export const migrations: Migration[] = [
 *   { name: '0001_orders', sql: 'CREATE TABLE orders (id text PRIMARY KEY)' },
 *   { name: '0002_orders_total', sql: 'ALTER TABLE orders ADD COLUMN total integer' },
 * ];
 */
export interface Migration {
  /** Its place among the others: they are applied in the order of their names, which is that of the list. */
  readonly name: string;
  /**
   * Statements, without `BEGIN` and `COMMIT`. They run in a transaction, unless the first line begins with `-- no-transaction`,
   * which `CREATE INDEX CONCURRENTLY` and the like ask for: such a migration is run again from its beginning when it has failed
   * or the process has ended in it, and is to be written so that it can be. The comment `--> statement-breakpoint` ends what
   * is sent at once, and there each statement is to be sent alone.
   */
  readonly sql: string;
  /** What undoes it, written likewise; the start never does. Default: nothing does, and `migration rollback` refuses. */
  readonly down?: string;
}

/** What is sent to the database. */
export interface Script {
  /** What is sent at once, one after the other. */
  readonly parts: readonly string[];
  /** Whether it runs in a transaction of its own. */
  readonly atomic: boolean;
}

/** A migration as it is applied, and undone. */
export interface Step {
  readonly name: string;
  readonly checksum: string;
  readonly up: Script;
  /** What undoes it; `undefined` where nothing does. */
  readonly down: Script | undefined;
}

/** @throws {RangeError} when names are not in ascending order, or one would end the transaction that it runs in. */
export function readMigrations(migrations: readonly Migration[]): Step[] {
  for (const [index, { name }] of migrations.entries()) {
    const before = migrations[index - 1]?.name;
    if (before !== undefined && before >= name) {
      throw new RangeError(
        `Expected \`migrations\` to be in the order of their names, got \`${name}\` after \`${before}\``,
      );
    }
  }
  return migrations.map(readMigration);
}

function readMigration({ name, sql, down }: Migration): Step {
  return {
    name,
    checksum: checksumOf(sql),
    up: readScript(sql, `\`sql\` of \`${name}\``),
    down: down === undefined ? undefined : readScript(down, `\`down\` of \`${name}\``),
  };
}

function readScript(sql: string, what: string): Script {
  const atomic = !/^\s*-- no-transaction/.test(sql);
  const command = atomic ? transactionCommand.exec(sanitize(sql))?.[1] : undefined;
  if (command !== undefined) {
    throw new RangeError(`Expected ${what} to be without transactions of its own, got \`${command}\``);
  }
  const parts = sql.split('--> statement-breakpoint').filter((part) => part.trim() !== '');
  return { parts, atomic };
}

/** What a statement begins with that would keep or undo the half of a migration. */
const transactionCommand = /(?:^|;)\s*(begin|start transaction|commit|abort|rollback(?! to\b))\b/i;

/**
 * An editor or a checkout may change how lines end, and a waiver (`-- allow drop-column: nobody reads it`) may come to a migration
 * that was applied long ago; nothing else may change.
 */
function checksumOf(sql: string): string {
  const text = sql.replaceAll('\r\n', '\n').replaceAll(/^[ \t]*--[ \t]*allow[ \t].*\n/gm, '');
  return createHash('sha256').update(text).digest('hex');
}
