import type * as z from 'zod';
import { isIndex, type Segments } from '../fields.ts';
import { shapeAt } from '../shape.ts';
import type { FilterTree } from './filter-tree.ts';

/** @throws {TypeError} when an index follows an array that the path does not enter by index, which JSONB does not answer. */
export function assertPaths(tree: FilterTree, schema: z.core.$ZodType): void {
  if (tree.kind === 'field') return assertPath(tree.path, schema);
  for (const each of tree.kind === 'not' ? [tree.of] : tree.of) assertPaths(each, schema);
}

function assertPath(path: Segments, schema: z.core.$ZodType): void {
  const last = path.findLastIndex(isIndex);
  for (let length = 1; length < last; length += 1) {
    if (isIndex(path[length] ?? '') || shapeAt(schema, path.slice(0, length)).array !== true) continue;
    const expected = 'to enter arrays before its last index by index, or to have none';
    throw new TypeError(
      `Expected the path \`${path.join('.')}\` of a filter ${expected}; $elemMatch asks of each element`,
    );
  }
}
