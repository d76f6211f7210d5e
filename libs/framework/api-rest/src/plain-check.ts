import type * as z from 'zod';

type Schema = z.core.$ZodType;

/** Whether a schema gives back all that it is given and lets through, so that it need not be applied to be right. */
export function isPlainCheck(schema: Schema, seen = new Set<Schema>()): boolean {
  if (seen.has(schema)) return true;
  seen.add(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const inner = partsOf(def);
  return inner !== undefined && !changes(def) && inner.every((part) => isPlainCheck(part, seen));
}

/** The schemas within one, where all that it does with a value is left to them; `undefined` where it is not, or nobody knows. */
function partsOf(def: z.core.$ZodTypeDef): readonly Schema[] | undefined {
  const known = def as z.core.$ZodTypes['_zod']['def'];
  switch (known.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
    case 'null':
    case 'undefined':
    case 'void':
    case 'any':
    case 'unknown':
    case 'never':
    case 'nan':
    case 'date':
    case 'literal':
    case 'enum':
    case 'template_literal':
    case 'custom':
      return [];
    case 'object':
      return [...Object.values(known.shape), ...(known.catchall ? [known.catchall] : [])];
    case 'array':
      return [known.element];
    case 'tuple':
      return [...known.items, ...(known.rest ? [known.rest] : [])];
    case 'record':
      return [known.keyType, known.valueType];
    case 'union':
      return known.options;
    case 'intersection':
      return [known.left, known.right];
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'readonly':
      return [known.innerType];
    case 'lazy':
      return [known.getter()];
    default:
      return undefined;
  }
}

/** Coercion, and checks such as `.trim()`, change what they see. */
function changes(def: z.core.$ZodTypeDef): boolean {
  if ('coerce' in def && def.coerce === true) return true;
  return (def.checks ?? []).some(({ _zod }) => _zod.def.check === 'overwrite');
}
