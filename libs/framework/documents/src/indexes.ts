import type * as z from 'zod';
import { parsePath, type Segments } from './fields.ts';
import { shapeAt, type Kind } from './shape.ts';

export interface IndexOptions {
  /**
   * Whether no two documents may have the same keys. Documents of which one key is missing or `null` are not compared.
   * Default: `false`.
   */
  readonly unique?: boolean;
  /** Default: `<collection>_<field>_<field>`. */
  readonly name?: string;
}

export interface IndexKey {
  readonly path: Segments;
  readonly order: 1 | -1;
  readonly kind: Kind;
  /** Whether it may be, or lead through, an array. */
  readonly arrays: boolean;
  readonly required: boolean;
}

export interface Index {
  readonly name: string;
  readonly keys: readonly IndexKey[];
  readonly unique: boolean;
}

const maximumKeys = 16;

/** @throws {TypeError} when it cannot be kept on every database. */
export function normalizeIndex(
  collection: { readonly name: string; readonly schema: z.core.$ZodType },
  given: Readonly<Record<string, unknown>>,
  { unique = false, name }: IndexOptions = {},
): Index {
  const what = `an index of \`${collection.name}\``;
  const keys = Object.entries(given).map(([at, order]): IndexKey => {
    const path = parsePath(at, what);
    if (order !== 1 && order !== -1) {
      throw new TypeError(`Expected the order of \`${at}\` in ${what} to be 1 or -1, got \`${String(order)}\``);
    }
    // They are written into statements that make indexes, which take no parameters.
    const odd = path.find((segment) => !/^[A-Za-z_][\w-]*$/.test(segment));
    if (odd !== undefined) {
      throw new TypeError(`Expected the fields in ${what} to be letters, digits, \`_\` and \`-\`, got \`${odd}\``);
    }
    if (at === '_id') return { path, order, kind: 'string', arrays: false, required: true };
    const { kind, arrays, required } = shapeAt(collection.schema, path);
    if (unique && (arrays || kind === 'other')) {
      const expected = 'text, number, boolean or date by the schema, and no array';
      throw new TypeError(
        `Expected the fields of a unique index of \`${collection.name}\` to be ${expected}, got \`${at}\``,
      );
    }
    return { path, order, kind, arrays, required };
  });
  if (keys.length === 0 || keys.length > maximumKeys) {
    throw new TypeError(`Expected ${what} to have from 1 to ${maximumKeys} fields, got \`${keys.length}\``);
  }
  const made =
    name ??
    [collection.name, ...keys.map(({ path, order }) => [...path, ...(order === 1 ? [] : ['desc'])].join('_'))].join(
      '_',
    );
  if (!/^[A-Za-z_][\w-]{0,62}$/.test(made)) {
    throw new TypeError(
      `Expected the \`name\` of ${what} to be at most 63 letters, digits, \`_\` and \`-\`, got \`${made}\``,
    );
  }
  return { name: made, keys, unique };
}
