import { sql, type SQL } from 'drizzle-orm';
import { isIndex, type Segments } from '../fields.ts';
import type { Test } from '../filter/filter-tree.ts';
import { shapeAt } from '../shape.ts';
import { encodeText } from './encode.ts';
import type { Scope } from './render-filter.ts';

/** Into how many documents a condition is taken apart at most. */
const maximumDocuments = 1_000;

/**
 * The condition that a document holds one of these, which the general index answers: `{"lines": [{"sku": "x"}]}` for
 * `lines.sku`. It says the same as the condition on the values where these are scalars. `undefined` where there is a better
 * index, and where it cannot be said that way.
 */
export function containments(scope: Scope, path: Segments, test: Test): SQL | undefined {
  if (!scope.indexed || scope.indexed.paths.includes(path.join('.')) || path.some(isIndex)) return undefined;
  const values = test.kind === 'equals' ? [test.value] : test.kind === 'in' ? test.values : [];
  if (values.length === 0 || !values.every(isScalar)) return undefined;
  // Where the schema does not say whether a value is in an array, both are looked for.
  const wraps = path.map((_, length) => shapeAt(scope.schema, path.slice(0, length + 1)).array);
  if (values.length * 2 ** wraps.filter((array) => array === undefined).length > maximumDocuments) return undefined;
  const documents = values.flatMap((value) => nested(path, wraps, value)).map(encodeText);
  if (documents.length === 1) return sql`${scope.document} @> ${documents[0]}::jsonb`;
  return sql`${scope.document} @> ANY(${sql.param(documents)}::jsonb[])`;
}

function isScalar(value: unknown): boolean {
  return value instanceof Date || ['string', 'number', 'boolean'].includes(typeof value);
}

/** The value below the names, in arrays where there are some. */
function nested(path: Segments, wraps: readonly (boolean | undefined)[], value: unknown): unknown[] {
  return path.reduceRight<unknown[]>(
    (inner, name, at) => {
      const wrapped = inner.flatMap((each) =>
        wraps[at] === undefined ? [each, [each]] : wraps[at] ? [[each]] : [each],
      );
      return wrapped.map((each) => ({ [name]: each }));
    },
    [value],
  );
}
