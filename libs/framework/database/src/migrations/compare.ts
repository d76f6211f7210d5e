import { migrationChanged, migrationOutOfOrder, migrationUnknown } from './migration-errors.ts';
import type { Step } from './migration.ts';
import type { Applied } from './record.ts';

export interface Comparison {
  /** What this version has and the database has not, in order. */
  readonly missing: readonly Step[];
  /** What the database has of a version that came after this one. */
  readonly newer: readonly string[];
}

/**
 * Compares what this version has with what was applied.
 *
 * What a newer version applied after the last of this one is fine: while a service is deployed, or taken back, the older one
 * starts beside it. All else means that the database and this version come from different branches, and nobody can say what
 * the tables are: that is refused.
 *
 * @throws {ServiceError} failed_precondition when what was applied has another text here, is not known here though later ones
 *   are, or is later than one that is missing.
 */
export function compare(steps: readonly Step[], applied: readonly Pick<Applied, 'name' | 'checksum'>[]): Comparison {
  const known = new Map(steps.map((step) => [step.name, step]));
  const lastKnown = steps.at(-1)?.name ?? '';
  const newer: string[] = [];
  for (const { name, checksum } of applied) {
    const step = known.get(name);
    if (step && step.checksum !== checksum) throw migrationChanged(name);
    if (step) continue;
    if (name < lastKnown) throw migrationUnknown(name, lastKnown);
    newer.push(name);
  }
  const there = new Set(applied.map(({ name }) => name));
  const missing = steps.filter(({ name }) => !there.has(name));
  const lastApplied = [...there].reduce((last, name) => (name > last ? name : last), '');
  const late = missing.find(({ name }) => name < lastApplied);
  if (late) throw migrationOutOfOrder(late.name, lastApplied);
  return { missing, newer };
}
