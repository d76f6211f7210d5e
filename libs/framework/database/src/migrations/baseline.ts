import { baselineTablesMissing, migrationsRecorded } from './migration-errors.ts';
import type { Step } from './migration.ts';
import { createTable, readApplied } from './record.ts';
import type { Session } from './session.ts';
import { tablesMadeBy } from './tables-made-by.ts';
import { withLock, type WritingOptions } from './with-lock.ts';

/**
 * Records migrations as applied without running them, of a database whose tables were made in another way, and gives the names.
 *
 * @throws {ServiceError} failed_precondition when some are recorded already, or a table that they make is not there.
 */
export function baseline(steps: readonly Step[], options: WritingOptions): Promise<string[]> {
  return withLock(options, async (session) => {
    const applied = await readApplied(session);
    if (applied.length > 0) throw migrationsRecorded(applied.map(({ name }) => name));
    const tables = tablesMadeBy(steps.flatMap(({ up }) => up.parts));
    const missing = await findMissing(session, tables);
    if (tables.length === 0 || missing.length > 0) throw baselineTablesMissing(missing);
    const columns = `${createTable}; INSERT INTO applied_migrations (name, checksum, duration_ms) VALUES `;
    const rows = steps.map(({ name, checksum }) => `(${quote(name)}, '${checksum}', 0)`);
    // All of it or nothing: what is sent at once is a transaction.
    const text = columns + rows.join(', ');
    await session.send({ text, values: [], script: true }, 'record the migrations', 'alone');
    return steps.map(({ name }) => name);
  });
}

async function findMissing(session: Session, tables: readonly string[]): Promise<string[]> {
  const rows = await session.run(
    'SELECT name FROM unnest($1::text[]) AS given (name) WHERE to_regclass(name) IS NULL',
    [tables],
  );
  return rows.map(({ name }) => name as string);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
