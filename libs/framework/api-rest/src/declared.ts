import type * as z from 'zod';

type Schema = z.core.$ZodType;

/** Gives what a schema names of a value, unchecked. Where the value does not have the shape of the schema, it throws. */
export type Declared = (value: unknown) => unknown;

/**
 * Makes what copies the declared part of a value, as a schema that checks it would, for much less than the check costs.
 *
 * @returns `undefined` for a schema that changes what it checks (defaults, codecs, transforms, coercion, trimming), or of
 *   which nobody can tell what it names without checking, such as a union of objects: it has to be applied.
 */
export function createDeclared(schema: Schema, seen: ReadonlySet<Schema> = new Set()): Declared | undefined {
  // Whatever contains itself has to be applied.
  if (seen.has(schema)) return undefined;
  const within = new Set(seen).add(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (changes(def)) return undefined;
  const inner = (part: Schema) => createDeclared(part, within);
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'undefined':
    case 'literal':
    case 'enum':
    case 'template_literal':
      return leaf;
    case 'any':
    case 'unknown':
      return all;
    case 'optional':
    case 'nullable':
      return whereThere(inner(def.innerType));
    case 'nonoptional':
    case 'readonly':
      return inner(def.innerType);
    case 'array':
      return items(inner(def.element));
    case 'record':
      return inner(def.keyType) === leaf ? values(inner(def.valueType)) : undefined;
    case 'union':
      // Of what has no parts, there is nothing to leave out.
      return def.options.every((option) => inner(option) === leaf) ? leaf : undefined;
    case 'object':
      return def.catchall && def.catchall._zod.def.type !== 'never' ? undefined : members(def.shape, inner);
    default:
      return undefined;
  }
}

const all: Declared = (value) => value;

/** What has no parts. */
const leaf: Declared = (value) => {
  if (typeof value === 'object' && value !== null) throw mismatch('no object', value);
  return value;
};

function whereThere(declared: Declared | undefined): Declared | undefined {
  if (!declared || declared === all || declared === leaf) return declared;
  return (value) => (value === undefined || value === null ? value : declared(value));
}

function items(declared: Declared | undefined): Declared | undefined {
  if (!declared) return undefined;
  return (value) => {
    if (!Array.isArray(value)) throw mismatch('a list', value);
    return value.map((item: unknown) => declared(item));
  };
}

function values(declared: Declared | undefined): Declared | undefined {
  if (!declared) return undefined;
  return (value) =>
    Object.fromEntries(Object.entries(objectOf(value)).map(([name, member]) => [name, declared(member)]));
}

function members(
  shape: Readonly<Record<string, Schema>>,
  inner: (part: Schema) => Declared | undefined,
): Declared | undefined {
  const parts: (readonly [string, Declared])[] = [];
  for (const name of Object.keys(shape)) {
    const declared = inner(shape[name]!);
    if (!declared || name === '__proto__') return undefined;
    parts.push([name, declared]);
  }
  return (value) => {
    const given = objectOf(value);
    const copy: Record<string, unknown> = {};
    for (const [name, declared] of parts) {
      const member = given[name];
      if (member !== undefined) copy[name] = declared === all ? member : declared(member);
    }
    return copy;
  };
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw mismatch('an object', value);
}

function mismatch(expected: string, value: unknown): TypeError {
  return new TypeError(`Expected ${expected}, got a \`${typeof value}\``);
}

/** Coercion, and checks such as `.trim()`, change what they see. */
function changes(def: z.core.$ZodTypeDef): boolean {
  if ('coerce' in def && def.coerce === true) return true;
  return (def.checks ?? []).some(({ _zod }) => _zod.def.check === 'overwrite');
}
