import type * as z from 'zod';

/** One of the things that a schema lets stand at a place. */
export interface Place {
  readonly type: 'object' | 'record' | 'array' | 'string' | 'number' | 'boolean' | 'date' | 'null' | 'unknown';
  /** Without what makes it optional and the like. */
  readonly schema: z.core.$ZodType;
  /** As it was written. */
  readonly given: z.core.$ZodType;
  readonly required: boolean;
  /** Whether the way to it leads through each element of an array. */
  readonly arrays: boolean;
}

/** How many wrappers are looked through; a schema that leads to itself without end is not known. */
const maximumWrappers = 50;

/** What a schema lets through, as it is stored: without optional and the like, and each option of a union by itself. */
export function opened(given: z.core.$ZodType): Place[] {
  return open(given, { given, required: true, depth: 0 });
}

interface Way {
  readonly given: z.core.$ZodType;
  readonly required: boolean;
  readonly depth: number;
}

function open(schema: z.core.$ZodType, way: Way): Place[] {
  const { given, required, depth } = way;
  const place = (type: Place['type']): Place[] => [{ type, schema, given, required, arrays: false }];
  if (depth > maximumWrappers) return place('unknown');
  const next = { ...way, depth: depth + 1 };
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
      return open(def.innerType, { ...next, required: false });
    case 'nullable':
      return open(def.innerType, { ...next, required: false });
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return open(def.innerType, next);
    case 'lazy':
      return open(def.getter(), next);
    case 'pipe':
      // What is stored has gone through it.
      return open(def.out, { ...next, given: def.out });
    case 'union':
      return def.options.flatMap((option) => open(option, next));
    case 'literal':
      return [...new Set(def.values.map((value) => typeOf(value)))].flatMap(place);
    case 'enum':
      return [...new Set(Object.values(def.entries).map((value) => typeOf(value)))].flatMap(place);
    case 'template_literal':
      return place('string');
    case 'object':
    case 'record':
    case 'array':
    case 'string':
    case 'number':
    case 'boolean':
    case 'date':
    case 'null':
      return place(def.type);
    default:
      return place('unknown');
  }
}

function typeOf(value: unknown): Place['type'] {
  if (value === null) return 'null';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'unknown';
}
