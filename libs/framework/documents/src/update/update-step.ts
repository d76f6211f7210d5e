import type { Segments } from '../fields.ts';
import type { FilterTree, Test } from '../filter/filter-tree.ts';
import type { PlainDocument } from '../values.ts';

/** Which elements of an array are removed: those that are like a field with these tests, or documents like a filter. */
export type Removal =
  | { readonly kind: 'tests'; readonly tests: readonly Test[] }
  | { readonly kind: 'filter'; readonly filter: FilterTree };

/** One thing that an update does at one path. */
export type UpdateStep = { readonly path: Segments } & (
  | { readonly operator: '$set' | '$setOnInsert' | '$min' | '$max'; readonly value: unknown }
  | { readonly operator: '$inc' | '$mul'; readonly value: number }
  | { readonly operator: '$unset' | '$currentDate' }
  | { readonly operator: '$push'; readonly values: readonly unknown[]; readonly slice: number | undefined }
  | { readonly operator: '$addToSet'; readonly values: readonly unknown[] }
  | { readonly operator: '$pull'; readonly removal: Removal }
  | { readonly operator: '$rename'; readonly to: Segments }
);

/** An update as it was written, with values that every database stores, and as it was read. */
export interface ParsedUpdate {
  readonly given: PlainDocument;
  readonly steps: readonly UpdateStep[];
}
