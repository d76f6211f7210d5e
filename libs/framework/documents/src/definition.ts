import type * as z from 'zod';
import type { Path, Stored } from './types/path.ts';
import { normalizeIndex, type Index, type IndexOptions } from './indexes.ts';

/** The most characters of a name: PostgreSQL has room for 63, and names of indexes begin with it. */
const collectionName = /^[a-z][a-z0-9_]{0,39}$/;

/** The fields of an index, and the order of each: `{ customer: 1, at: -1 }`. */
export type IndexKeys<Value> = { readonly [At in Path<Value>]?: 1 | -1 };

export interface IndexDefinition<Value> extends IndexOptions {
  readonly keys: IndexKeys<Value>;
}

/** What there is to say of a collection, before anything is opened. */
export interface CollectionDefinition<Value = unknown, Input = unknown> {
  readonly name: string;
  readonly schema: z.ZodObject;
  readonly indexes: readonly Index[];
  /** Types only. */
  readonly _types?: { readonly value: Value; readonly input: Input };
}

export interface DefineCollectionOptions<Schema extends z.ZodObject> {
  /** Lower-case letters, digits and `_`; also the name of its table. */
  readonly name: string;
  /**
   * What its documents hold: checked when they are inserted, and for the values of updates. `_id` is a text; without one in
   * the schema it is any, and without one in a document it is made.
   */
  readonly schema: Schema;
  /** Default: none, besides that of `_id`. */
  readonly indexes?: readonly IndexDefinition<Stored<z.output<Schema>>>[];
}

/** A document before it is inserted. */
export type Insertable<Schema extends z.ZodObject> = Omit<z.input<Schema>, '_id'> & { readonly _id?: string };

/**
 * Defines a collection.
 *
 * @throws {TypeError} when the name is none, or an index cannot be kept on every database.
 */
export function defineCollection<Schema extends z.ZodObject>({
  name,
  schema,
  indexes = [],
}: DefineCollectionOptions<Schema>): CollectionDefinition<Stored<z.output<Schema>>, Insertable<Schema>> {
  if (!collectionName.test(name)) {
    throw new TypeError(
      `Expected \`name\` to be at most 40 lower-case letters, digits and \`_\`, and to begin with a letter, got \`${name}\``,
    );
  }
  const normalized = indexes.map(({ keys, ...options }) =>
    normalizeIndex({ name, schema }, keys as Record<string, 1 | -1>, options),
  );
  const twice = normalized.find((index, at) => normalized.findIndex((other) => other.name === index.name) !== at);
  if (twice) throw new TypeError(`Expected the indexes of \`${name}\` to differ, got \`${twice.name}\` twice`);
  return { name, schema, indexes: normalized };
}
