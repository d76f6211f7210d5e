import type * as z from 'zod';
import { isIndex, type Segments } from './fields.ts';
import { opened, type Place } from './places.ts';

export type Kind = 'string' | 'number' | 'boolean' | 'date' | 'other';

/** What a schema says of a path. */
export interface Shape {
  /** Whether there may be an array on the way or at its end, other than one that the path enters by an index. */
  readonly arrays: boolean;
  /** Whether an array stands there; `undefined` where it may, or something else. */
  readonly array: boolean | undefined;
  /** The one type of what stands there; `other` for embedded documents, and for what has several or is not known. */
  readonly kind: Kind;
  /** Whether there always is something, and not `null`. */
  readonly required: boolean;
  /** The schemas of what may stand there; `undefined` where nothing is known. */
  readonly schemas: readonly z.core.$ZodType[] | undefined;
}

const unknown: Shape = { arrays: true, array: undefined, kind: 'other', required: false, schemas: undefined };

/** What a schema says of a path. It enters arrays as queries do: each element, or one by its index. */
export function shapeAt(schema: z.core.$ZodType | undefined, path: Segments): Shape {
  if (!schema) return unknown;
  let places: Place[] = opened(schema);
  for (const segment of path) {
    const reached = places.map((place) => enter(place, segment));
    if (reached.some((each) => each === undefined)) return unknown;
    places = reached.flatMap((each) => each ?? []);
  }
  if (places.length === 0) return unknown;
  const leaves = places.filter(({ type }) => type !== 'null');
  const kinds = new Set(leaves.map(({ type }) => (isKind(type) ? type : 'other')));
  const [kind = 'other'] = kinds;
  const some = leaves.some(({ type }) => type === 'array' || type === 'unknown');
  const every = leaves.length > 0 && leaves.every(({ type }) => type === 'array');
  return {
    arrays: some || leaves.some(({ arrays }) => arrays),
    array: every || (some ? undefined : false),
    kind: kinds.size === 1 ? kind : 'other',
    required: places.every(({ required, type }) => required && type !== 'null'),
    schemas: places.map(({ given }) => given),
  };
}

/** The places that a name leads to; none in a scalar, `undefined` where nothing is known. */
function enter(place: Place, segment: string): Place[] | undefined {
  const within = (schema: z.core.$ZodType, more: Partial<Place> = {}) =>
    opened(schema).map((each) => ({
      ...each,
      required: each.required && place.required && (more.required ?? true),
      arrays: place.arrays || (more.arrays ?? false),
    }));
  switch (place.type) {
    case 'object': {
      const { shape, catchall } = (place.schema as z.core.$ZodObject)._zod.def;
      if (Object.hasOwn(shape, segment)) return within(shape[segment] as z.core.$ZodType);
      return catchall && catchall._zod.def.type !== 'never' ? within(catchall, { required: false }) : undefined;
    }
    case 'record':
      return within((place.schema as z.core.$ZodRecord)._zod.def.valueType, { required: false });
    case 'array': {
      const elements = within((place.schema as z.core.$ZodArray)._zod.def.element, { required: false });
      if (isIndex(segment)) return elements;
      const reached = elements.map((element) => enter({ ...element, arrays: true }, segment));
      return reached.some((each) => each === undefined) ? undefined : reached.flatMap((each) => each ?? []);
    }
    case 'unknown':
      return undefined;
    default:
      return [];
  }
}

function isKind(type: string): type is Kind {
  return ['string', 'number', 'boolean', 'date'].includes(type);
}
