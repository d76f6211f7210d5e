import type { Condition, ElementCondition } from './filter.ts';
import type { ElementOf, Path, PathOf, ValueAt } from './path.ts';

/**
 * What becomes of a document.
 *
 * @see https://www.mongodb.com/docs/manual/reference/operator/update/
 */
export interface Update<Value> {
  readonly $set?: Values<Value>;
  /** Only where an upsert inserts. */
  readonly $setOnInsert?: Values<Value>;
  readonly $unset?: { readonly [At in Path<Value>]?: true | 1 | '' };
  readonly $inc?: Numbers<Value>;
  readonly $mul?: Numbers<Value>;
  /** Sets what is less than the value that is there. */
  readonly $min?: Values<Value>;
  readonly $max?: Values<Value>;
  readonly $push?: { readonly [At in PathOf<Value, readonly unknown[]>]?: Pushed<ElementOf<ValueAt<Value, At>>> };
  readonly $addToSet?: { readonly [At in PathOf<Value, readonly unknown[]>]?: Added<ElementOf<ValueAt<Value, At>>> };
  /** Removes the elements that match: a value, operators, or for embedded documents a filter. */
  readonly $pull?: {
    readonly [At in PathOf<Value, readonly unknown[]>]?:
      Condition<ElementOf<ValueAt<Value, At>>> | ElementCondition<ValueAt<Value, At>>;
  };
  readonly $rename?: { readonly [At in Path<Value>]?: Path<Value> };
  /** Sets the time now. */
  readonly $currentDate?: { readonly [At in PathOf<Value, Date>]?: true };
}

export type Values<Value> = { readonly [At in Path<Value>]?: ValueAt<Value, At> };
export type Numbers<Value> = { readonly [At in PathOf<Value, number>]?: number };
type Pushed<Element> = Element | { readonly $each: readonly Element[]; readonly $slice?: number };
type Added<Element> = Element | { readonly $each: readonly Element[] };
