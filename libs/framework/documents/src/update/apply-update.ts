import { compareValues, sameValue } from '../compare.ts';
import { matches, matchesTests } from '../filter/matches.ts';
import { isDocument, type PlainDocument } from '../values.ts';
import { find, Impossible, last, reach, read, write } from './navigate.ts';
import type { Removal, UpdateStep } from './update-step.ts';

export interface ApplyOptions {
  readonly now: Date;
  /** Whether the document is the one that an upsert inserts. */
  readonly inserting: boolean;
}

/**
 * A document after an update; the one that is given stays as it is.
 *
 * @throws {Impossible} when the document does not fit, such as `$inc` of a text.
 */
export function applyUpdate(
  document: PlainDocument,
  steps: readonly UpdateStep[],
  options: ApplyOptions,
): PlainDocument {
  const changed = structuredClone(document) as Record<string, unknown>;
  for (const step of steps) apply(changed, step, options);
  return changed;
}

function apply(document: Record<string, unknown>, step: UpdateStep, { now, inserting }: ApplyOptions): void {
  const { path } = step;
  const change = (next: (value: unknown) => unknown) => {
    const holder = reach(document, path);
    const name = last(path);
    write(holder, name, next(read(holder, name)));
  };
  switch (step.operator) {
    case '$setOnInsert':
      if (!inserting) return;
      return change(() => step.value);
    case '$set':
      return change(() => step.value);
    case '$currentDate':
      return change(() => now);
    case '$inc':
      return change((value) => finite(numberAt(step, value) + step.value));
    case '$mul':
      return change((value) => finite(numberAt(step, value) * step.value));
    case '$min':
      return change((value) => (value === undefined || compareValues(step.value, value) < 0 ? step.value : value));
    case '$max':
      return change((value) => (value === undefined || compareValues(step.value, value) > 0 ? step.value : value));
    case '$push':
      return change((value) => sliced([...arrayAt(step, value), ...step.values], step.slice));
    case '$addToSet':
      return change((value) => step.values.reduce<unknown[]>(withValue, arrayAt(step, value)));
    case '$unset':
      return unset(document, step);
    case '$pull':
      return pull(document, step);
    case '$rename':
      return rename(document, step);
  }
}

function numberAt({ path, operator }: UpdateStep, value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  throw new Impossible(`\`${path.join('.')}\` is no number, which \`${operator}\` needs`);
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Impossible('a number would be too large');
  return value + 0;
}

function arrayAt({ path, operator }: UpdateStep, value: unknown): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return [...(value as unknown[])];
  throw new Impossible(`\`${path.join('.')}\` is no array, which \`${operator}\` needs`);
}

/** The first ones, or with a number below zero the last ones. */
function sliced(values: unknown[], slice: number | undefined): unknown[] {
  if (slice === undefined) return values;
  if (slice === 0) return [];
  return slice > 0 ? values.slice(0, slice) : values.slice(slice);
}

function withValue(values: unknown[], value: unknown): unknown[] {
  return values.some((each) => sameValue(each, value)) ? values : [...values, value];
}

/** An element of an array becomes `null`, so that those behind it stay where they are. */
function unset(document: Record<string, unknown>, { path }: UpdateStep): void {
  const holder = find(document, path);
  if (!holder || read(holder, last(path)) === undefined) return;
  if (Array.isArray(holder)) write(holder, last(path), null);
  else delete holder[last(path)];
}

function pull(document: Record<string, unknown>, step: UpdateStep & { operator: '$pull' }): void {
  const holder = find(document, step.path);
  const value = holder && read(holder, last(step.path));
  if (!holder || value === undefined) return;
  const kept = arrayAt(step, value).filter((element) => !isRemoved(step.removal, element));
  write(holder, last(step.path), kept);
}

function isRemoved(removal: Removal, element: unknown): boolean {
  if (removal.kind === 'filter') return isDocument(element) && matches(removal.filter, element);
  return matchesTests(removal.tests, element);
}

function rename(document: Record<string, unknown>, step: UpdateStep & { operator: '$rename' }): void {
  const holder = find(document, step.path);
  const value = holder && read(holder, last(step.path));
  if (!holder || value === undefined) return;
  const target = reach(document, step.to);
  if (Array.isArray(holder) || Array.isArray(target)) throw new Impossible('`$rename` cannot reach into an array');
  delete holder[last(step.path)];
  target[last(step.to)] = value;
}
