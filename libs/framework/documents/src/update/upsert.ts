import type { Segments } from '../fields.ts';
import type { FilterTree, Test } from '../filter/filter-tree.ts';
import type { PlainDocument } from '../values.ts';
import { applyUpdate } from './apply-update.ts';
import { Impossible, last, reach, read, write } from './navigate.ts';
import type { ParsedUpdate } from './update-step.ts';

/**
 * What an upsert inserts where it finds nothing: what the filter says is equal, and the update applied to that.
 *
 * @throws {Impossible} when the filter says two things of one field, or the update does not fit.
 */
export function upsertedDocument(tree: FilterTree, update: ParsedUpdate | undefined, now: Date): PlainDocument {
  const document: Record<string, unknown> = {};
  for (const { path, value } of equalities(tree)) {
    const holder = reach(document, path);
    if (read(holder, last(path)) !== undefined) throw new Impossible(`the filter says \`${path.join('.')}\` twice`);
    write(holder, last(path), structuredClone(value));
  }
  return update ? applyUpdate(document, update.steps, { now, inserting: true }) : document;
}

/** The fields of what an upsert inserts of which neither the filter nor the update speaks, such as defaults of the schema. */
export function unspoken(tree: FilterTree, update: ParsedUpdate, document: PlainDocument): PlainDocument {
  const steps = update.steps.flatMap((step) => (step.operator === '$rename' ? [step.path, step.to] : [step.path]));
  const spoken = new Set([...equalities(tree).map(({ path }) => path), ...steps].map(([first]) => first));
  return Object.fromEntries(Object.entries(document).filter(([name]) => !spoken.has(name)));
}

interface Equality {
  readonly path: Segments;
  readonly value: unknown;
}

/** What surely holds of each document that the filter lets through. */
function equalities(tree: FilterTree): Equality[] {
  if (tree.kind === 'and') return tree.of.flatMap(equalities);
  if (tree.kind !== 'field') return [];
  const equal = (test: Test): Equality[] => {
    if (test.kind === 'equals') return [{ path: tree.path, value: test.value }];
    const [first, ...others] = test.kind === 'all' ? test.tests : [];
    return first && others.length === 0 ? equal(first) : [];
  };
  return equal(tree.test);
}
