import type { Runtime } from '@org/runtime';
import { endsConnection, isServerError, type Part } from '../translate.ts';
import { migrationFailed } from './migration-errors.ts';
import type { Script, Step } from './migration.ts';
import type { Session } from './session.ts';

/** Applies a migration, and records it: where it is atomic, both or neither. */
export async function applyStep(session: Session, step: Step, logger: Runtime['logger']): Promise<void> {
  const { name, checksum, up } = step;
  const text = 'INSERT INTO applied_migrations (name, checksum, duration_ms) VALUES ($1, $2, $3)';
  const durationMs = await runScript(session, { name, verb: 'apply', script: up }, (elapsedMs) => ({
    text,
    values: [name, checksum, elapsedMs],
  }));
  logger.info({ migration: name, duration_ms: durationMs }, 'Applied a migration');
}

interface Run {
  readonly name: string;
  readonly verb: 'apply' | 'undo';
  readonly script: Script;
}

interface Recording {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Gives how long it took, in milliseconds. */
export async function runScript(
  session: Session,
  { name, verb, script: { parts, atomic } }: Run,
  recording: (elapsedMs: number) => Recording,
): Promise<number> {
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
    const { text, values } = recording(elapsed());
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
