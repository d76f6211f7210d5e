import type { Segments } from '../fields.ts';
import type { PlainDocument } from '../values.ts';
import type { Pattern } from './pattern.ts';

/** A filter, read once and for all: whoever runs it need not know its notation. */
export type FilterTree =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly of: FilterTree }
  | { readonly kind: 'field'; readonly path: Segments; readonly test: Test };

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

/** What is asked of the values at a path. */
export type Test =
  /** One of them, or of the elements of one that is an array, is that; for `null` also when something is missing. */
  | { readonly kind: 'equals'; readonly value: unknown }
  | { readonly kind: 'in'; readonly values: readonly unknown[] }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: string | number | boolean | Date }
  | { readonly kind: 'matches'; readonly pattern: Pattern }
  | { readonly kind: 'exists' }
  | { readonly kind: 'size'; readonly size: number }
  /** One of them is an array with an embedded document that the filter lets through. */
  | { readonly kind: 'element'; readonly filter: FilterTree }
  /** One of them is an array with an element for which all tests hold. */
  | { readonly kind: 'element-value'; readonly tests: readonly Test[] }
  | { readonly kind: 'all'; readonly tests: readonly Test[] }
  | { readonly kind: 'none'; readonly tests: readonly Test[] };

/** A filter as it was written, with values that every database stores, and as it was read. */
export interface ParsedFilter {
  readonly given: PlainDocument;
  readonly tree: FilterTree;
}

/** Lets through everything. */
export const everything: FilterTree = { kind: 'and', of: [] };
