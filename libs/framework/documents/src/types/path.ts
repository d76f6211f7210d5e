/** What stands at the end of a path, besides arrays and embedded documents. */
export type Scalar = string | number | boolean | Date | null;

/** A document as it is stored: its `_id`, and what the schema says. */
export type Stored<Given> = Given extends { readonly _id: string } ? Given : Given & { readonly _id: string };

/** How deep paths are spelled out; deeper ones are checked when they are used. */
type Depths = [never, 0, 1, 2, 3, 4];
type Keys<Value> = keyof Value & string;

/**
 * The dotted paths of a type, five names deep: `address.city`, `lines.sku` (of each line), `lines.0.sku` (of the first).
 * Where the type says nothing of what is embedded, any path behind it.
 */
export type Path<Value, Depth extends number = 5> = [Depth] extends [never]
  ? never
  : Depth extends 0
    ? never
    : unknown extends Value
      ? string
      : Value extends Scalar | undefined
        ? never
        : Value extends readonly (infer Element)[]
          ? `${number}` | `${number}.${Path<Element, Depths[Depth]>}` | Path<Element, Depth>
          : { [Key in Keys<Value>]: Key | `${Key}.${Path<Value[Key], Depths[Depth]>}` }[Keys<Value>];

/** The type of what stands at a path; in arrays, of what each element has there. */
export type ValueAt<Value, At extends string> = unknown extends Value
  ? unknown
  : Value extends readonly (infer Element)[]
    ? At extends `${number}.${infer Rest}`
      ? ValueAt<Element, Rest>
      : At extends `${number}`
        ? Element
        : ValueAt<Element, At>
    : Value extends Scalar | undefined
      ? never
      : At extends Keys<Value>
        ? Value[At]
        : At extends `${infer Key}.${infer Rest}`
          ? Key extends Keys<Value>
            ? ValueAt<Value[Key], Rest>
            : never
          : never;

/** The element of an array, or the type itself. */
export type ElementOf<Value> = NonNullable<Value> extends readonly (infer Element)[] ? Element : NonNullable<Value>;

/** The paths whose values may be of a type. */
export type PathOf<Value, Wanted> = {
  [At in Path<Value>]: Wanted extends NonNullable<ValueAt<Value, At>>
    ? At
    : NonNullable<ValueAt<Value, At>> extends Wanted
      ? At
      : never;
}[Path<Value>];

/** A document of which only a part was asked for. */
export type Part<Value> = Value extends Scalar | undefined
  ? Value
  : Value extends readonly (infer Element)[]
    ? Part<Element>[]
    : { [Key in keyof Value]?: Part<Value[Key]> };
