import type { Step } from './migration.ts';
import type { Applied } from './record.ts';

/**
 * Where one migration stands: `pending` and `late` are to be applied, the latter before others that were; `newer` and `unknown`
 * are in the database alone, after the last or before; `changed` was applied with another text.
 */
export interface MigrationStatus {
  readonly name: string;
  readonly state: 'applied' | 'pending' | 'newer' | 'changed' | 'late' | 'unknown';
  readonly appliedAt?: Date;
  readonly durationMs?: number;
}

/** All migrations that this version or the database has, in the order of their names. */
export function statusOf(steps: readonly Step[], applied: readonly Applied[]): MigrationStatus[] {
  const known = new Map(steps.map((step) => [step.name, step]));
  const lastKnown = steps.at(-1)?.name ?? '';
  const lastApplied = applied.at(-1)?.name ?? '';
  const recorded = applied.map(({ name, checksum, ...rest }): MigrationStatus => {
    const step = known.get(name);
    if (!step) return { name, state: name < lastKnown ? 'unknown' : 'newer', ...rest };
    return { name, state: step.checksum === checksum ? 'applied' : 'changed', ...rest };
  });
  const there = new Set(applied.map(({ name }) => name));
  const missing = steps
    .filter(({ name }) => !there.has(name))
    .map(({ name }): MigrationStatus => ({ name, state: name < lastApplied ? 'late' : 'pending' }));
  return [...recorded, ...missing].sort((one, other) => (one.name < other.name ? -1 : 1));
}
