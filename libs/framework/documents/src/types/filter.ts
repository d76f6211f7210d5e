import type { ElementOf, Path, Scalar, ValueAt } from './path.ts';

/**
 * Which documents: all that have these values, at names or dotted paths. As in MongoDB, a value matches an array that holds
 * it, and `null` what is missing.
 *
 * @see https://www.mongodb.com/docs/manual/reference/operator/query/
 */
export type Filter<Value> = {
  readonly [At in Path<Value>]?: Condition<ValueAt<Value, At>>;
} & Combined<Value>;

interface Combined<Value> {
  readonly $and?: readonly Filter<Value>[];
  readonly $or?: readonly Filter<Value>[];
  readonly $nor?: readonly Filter<Value>[];
}

/** A value, a regular expression for texts, or operators. */
export type Condition<Value> =
  Operand<Value> | Operators<Value> | (Extract<ElementOf<Value>, string> extends never ? never : RegExp);

/** The value itself, one of its elements, or `null` for what is missing. */
export type Operand<Value> = NonNullable<Value> | ElementOf<Value> | null;

export interface Operators<Value> {
  readonly $eq?: Operand<Value>;
  readonly $ne?: Operand<Value>;
  /** With values of its own type only: a number is never greater than a text. */
  readonly $gt?: Extract<ElementOf<Value>, Scalar> | null;
  readonly $gte?: Extract<ElementOf<Value>, Scalar> | null;
  readonly $lt?: Extract<ElementOf<Value>, Scalar> | null;
  readonly $lte?: Extract<ElementOf<Value>, Scalar> | null;
  readonly $in?: readonly Operand<Value>[];
  readonly $nin?: readonly Operand<Value>[];
  readonly $exists?: boolean;
  readonly $not?: Operators<Value> | RegExp;
  /** Only what JavaScript, PCRE and PostgreSQL read alike. */
  readonly $regex?: string | RegExp;
  /** Upper and lower case alike. */
  readonly $options?: 'i' | '';
  /** An array that holds each of them. */
  readonly $all?: readonly (Operand<Value> | { readonly $elemMatch: ElementCondition<Value> })[];
  /** An array with one element that is all of that. */
  readonly $elemMatch?: ElementCondition<Value>;
  /** An array of this length. */
  readonly $size?: number;
}

export type ElementCondition<Value> =
  ElementOf<Value> extends Scalar
    ? Operators<ElementOf<Value>>
    : Filter<ElementOf<Value>> | Operators<ElementOf<Value>>;
