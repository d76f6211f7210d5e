import { endsConnection, isServerError, type Part } from '../translate.ts';
import { migrationFailed } from './migration-errors.ts';
import type { Script, Step } from './migration.ts';
import type { Session } from './session.ts';

/** Applies a migration, and records it: where it is atomic, both or neither. Gives how long it took, in milliseconds. */
export function applyStep(session: Session, { name, checksum, up }: Step): Promise<number> {
  const text = 'INSERT INTO applied_migrations (name, checksum, duration_ms) VALUES ($1, $2, $3)';
  const record = (durationMs: number) => ({ text, values: [name, checksum, durationMs] });
  return run(session, { name, verb: 'apply', script: up, record });
}

/** Undoes a migration, and its record: where it is atomic, both or neither. Gives how long it took, in milliseconds. */
export function undoStep(session: Session, name: string, down: Script): Promise<number> {
  const record = () => ({ text: 'DELETE FROM applied_migrations WHERE name = $1', values: [name] });
  return run(session, { name, verb: 'undo', script: down, record });
}

interface Run {
  readonly name: string;
  readonly verb: 'apply' | 'undo';
  readonly script: Script;
  readonly record: (durationMs: number) => { readonly text: string; readonly values: readonly unknown[] };
}

async function run(session: Session, { name, verb, script: { parts, atomic }, record }: Run): Promise<number> {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const send = (text: string, part: Part, values: readonly unknown[] = []) =>
    session.send({ text, values, script: values.length === 0 }, `${verb} the migration \`${name}\``, part);
  const within = atomic ? 'transaction' : 'alone';
  try {
    if (atomic) await send('BEGIN', 'begin');
    for (const part of parts) await send(part, within);
    // A dump empties it, and then neither the record nor the next migration would find its tables.
    await send('RESET search_path', within);
    const { text, values } = record(elapsed());
    await send(text, within, values);
    if (atomic) await send('COMMIT', 'commit');
  } catch (error) {
    if (atomic) await send('ROLLBACK', 'transaction').catch(() => {});
    const { cause } = error as { cause?: unknown };
    throw isServerError(cause) && !endsConnection(cause)
      ? migrationFailed({ name, verb, atomic, state: cause.code, cause: error as never })
      : error;
  }
  return elapsed();
}
