import type { Attributes } from '@opentelemetry/api';

/** How many combinations of attributes one instrument keeps apart. The last is shared by all that come too late. */
export const maximumSeries = 2_000;

/**
 * What stands for all combinations beyond the limit.
 *
 * @see https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute
 */
const overflow: Attributes = Object.freeze({ 'otel.metric.overflow': true });

/** The cells of one instrument, by the attributes of what was measured. */
export interface Series<Cell> {
  /** The cell for some attributes. A frozen object is looked up by its identity from the second time on. */
  cell(attributes: Attributes | undefined): Cell;
  entries(): Iterable<readonly [Attributes, Cell]>;
}

/**
 * Makes the cells of one instrument. The limit holds for as long as the process runs, so that whoever makes up values
 * cannot fill the memory; the SDK's own begins anew with each collection.
 */
export function createSeries<Cell>(make: () => Cell): Series<Cell> {
  const known = new WeakMap<Attributes, Cell>();
  const cells = new Map<string, readonly [Attributes, Cell]>();

  const add = (key: string, attributes: Attributes): Cell => {
    const cell = make();
    cells.set(key, [attributes, cell]);
    return cell;
  };
  const find = (attributes: Attributes): Cell => {
    const key = keyOf(attributes);
    const found = cells.get(key);
    if (found) return found[1];
    if (cells.size < maximumSeries - 1) return add(key, { ...attributes });
    return cells.get(keyOf(overflow))?.[1] ?? add(keyOf(overflow), overflow);
  };
  return {
    cell(attributes = {}) {
      const seen = known.get(attributes);
      if (seen) return seen;
      const cell = find(attributes);
      // Another object may be filled with other values before it comes again.
      if (Object.isFrozen(attributes)) known.set(attributes, cell);
      return cell;
    },
    entries: () => cells.values(),
  };
}

function keyOf(attributes: Attributes): string {
  const keys = Object.keys(attributes);
  if (keys.length === 0) return '';
  return JSON.stringify(keys.sort().map((key) => [key, attributes[key]]));
}
