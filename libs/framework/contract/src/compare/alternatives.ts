import { resolve, type Components, type Schema } from './schema.ts';

const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;

/** One of the ways in which a value can be valid: of a single type, or of any where `type` says nothing. */
export type Alternative = Schema;

/** A schema as the list of its alternatives: `anyOf`, `oneOf` and lists of types are one thing said in three ways. */
export function alternativesOf(schema: Schema, document: Components, depth = 0): Alternative[] {
  const { anyOf, oneOf, ...rest } = schema;
  const list = (anyOf ?? oneOf) as unknown[] | undefined;
  // Alternatives of alternatives end somewhere; a schema that is its own alternative does not.
  if (list && depth < 20) {
    return list.flatMap((each) => alternativesOf(resolve({ ...rest, allOf: [each] }, document), document, depth + 1));
  }
  return typesOf(schema).map((type) => (type === undefined ? rest : { ...rest, type }));
}

/** The types that a schema names, or those of its values; `[undefined]` where any will do. */
function typesOf({ type, ...schema }: Schema): (string | undefined)[] {
  if (Array.isArray(type)) return type as string[];
  if (typeof type === 'string') return [type];
  const values = valuesOf(schema);
  return values ? [...new Set(values.map(typeOf))] : [undefined];
}

/** The values that an alternative lists; `undefined` where it lists none. */
export function valuesOf({ enum: listed, const: only, type }: Schema): unknown[] | undefined {
  if (only !== undefined) return [only];
  if (!Array.isArray(listed)) return undefined;
  return (listed as unknown[]).filter((value) => type === undefined || isOf(type as string, typeOf(value)));
}

export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (Number.isInteger(value)) return 'integer';
  return types.find((type) => type === typeof value) ?? 'object';
}

/** Whether a value of one type is one of another: an integer is a number. */
export function isOf(wide: string | undefined, narrow: string | undefined): boolean {
  return wide === undefined || wide === narrow || (wide === 'number' && narrow === 'integer');
}
