import {
  migrationChanged,
  migrationIrreversible,
  migrationNotApplied,
  migrationNotLast,
  migrationUnknown,
} from './migration-errors.ts';
import type { Script, Step } from './migration.ts';
import { readApplied, type Applied } from './record.ts';
import { undoStep } from './run-step.ts';
import { withLock, type WritingOptions } from './with-lock.ts';

/** What to undo: the last one, or all that came after another one. */
export type Extent = { readonly last: string | undefined } | { readonly to: string };

/**
 * Undoes what was applied last, each in a transaction with its record, and gives the names. It begins only when it can come
 * to the end.
 *
 * @throws {ServiceError} failed_precondition when one of them has no `down`, is of a newer version or has changed since, or
 *   when what is named was not applied, or not last.
 */
export function rollback(steps: readonly Step[], extent: Extent, options: WritingOptions): Promise<string[]> {
  return withLock(options, async (session) => {
    const undone = chooseUndone(steps, await readApplied(session), extent);
    for (const { name, down } of undone) {
      const durationMs = await undoStep(session, name, down);
      options.logger.info({ migration: name, duration_ms: durationMs }, 'Undid a migration');
    }
    return undone.map(({ name }) => name);
  });
}

interface Undone {
  readonly name: string;
  readonly down: Script;
}

/** @param applied In the order of the names. */
function chooseUndone(steps: readonly Step[], applied: readonly Applied[], extent: Extent): Undone[] {
  const known = new Map(steps.map((step) => [step.name, step]));
  const [last] = applied.slice(-1);
  const named = 'to' in extent ? extent.to : extent.last;
  const chosen = named === undefined ? last : applied.find(({ name }) => name === named);
  if (!chosen || !last) throw migrationNotApplied(named);
  if ('last' in extent && chosen !== last) throw migrationNotLast(chosen.name, last.name);
  const from = applied.indexOf(chosen) + ('to' in extent ? 1 : 0);
  return applied
    .slice(from)
    .reverse()
    .map(({ name, checksum }) => {
      const step = known.get(name);
      if (!step) throw migrationUnknown(name);
      if (step.checksum !== checksum) throw migrationChanged(name, 'undo');
      if (!step.down) throw migrationIrreversible(name);
      return { name, down: step.down };
    });
}
