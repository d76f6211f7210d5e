import { unspoken, type FindQuery, type Projection, type Sort, type UpdateRequest } from '@org/documents';
import type { Document } from 'mongodb';

/** An order, as MongoDB takes it. */
export function sortOf(sort: Sort): [string, 1 | -1][] {
  return sort.map(({ path, order }) => [path.join('.'), order]);
}

/** `_id: 1` goes with no field that is left out. */
export function projectionOf(projection: Projection | undefined): Document | undefined {
  if (!projection) return undefined;
  const { _id, ...fields } = projection.given;
  return { ...fields, ...(_id === 0 || (projection.kind === 'include' && _id === 1) ? { _id } : {}) };
}

export function findOptionsOf({ sort, projection, skip, limit, batchSize }: FindQuery): Document {
  const fields = projectionOf(projection);
  return {
    ...(sort.length > 0 && { sort: sortOf(sort) }),
    ...(fields && { projection: fields }),
    skip,
    ...(limit !== undefined && { limit }),
    // The first batch of a cursor with a limit need not be followed by another.
    batchSize: limit !== undefined && limit < batchSize ? limit + 1 : batchSize,
  };
}

/** What is to be done to what a filter finds. */
export type Written =
  | { readonly kind: 'replace'; readonly replacement: Document }
  /** Operators, or a pipeline. */
  | { readonly kind: 'update'; readonly update: Document | Document[] };

/**
 * A change as MongoDB takes it. What an upsert inserts is the same as elsewhere: with our own kind of `_id`, and the defaults
 * of the schema.
 */
export function writtenOf({ filter, change, upsert }: Pick<UpdateRequest, 'filter' | 'change' | 'upsert'>): Written {
  if (change.kind === 'update') {
    const { $setOnInsert, ...others } = change.update.given as { readonly $setOnInsert?: Document };
    const inserted = { ...(upsert && unspoken(filter.tree, change.update, upsert)), ...$setOnInsert };
    const update = { ...others, ...(Object.keys(inserted).length > 0 && { $setOnInsert: inserted }) };
    // Of nothing at all the driver would say that it is no update.
    return { kind: 'update', update: Object.keys(update).length > 0 ? update : { $set: {} } };
  }
  const { _id, ...replacement } = change.document;
  if (!upsert) return { kind: 'replace', replacement };
  // A replacement cannot say which `_id` it has only where it is inserted.
  const whole = { $mergeObjects: [{ $literal: replacement }, { _id: { $ifNull: ['$_id', { $literal: _id }] } }] };
  return { kind: 'update', update: [{ $replaceWith: whole }] };
}
