import type * as z from 'zod';

/** A schema that zod was converted to, as far as it is completed. */
interface ConvertedSchema {
  minimum?: number;
  maximum?: number;
  default?: unknown;
  additionalProperties?: unknown;
}

interface Conversion<Schema extends ConvertedSchema> {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: Schema;
  /** Whether it says what goes into the schema, or what comes out. */
  readonly io: 'input' | 'output';
}

/** Says of a schema what the conversion leaves out, and not what it makes up. */
export function completeSchema<Schema extends ConvertedSchema>({
  jsonSchema,
  zodSchema,
  io,
}: Conversion<Schema>): void {
  const { def } = zodSchema._zod;
  // A later version of the service may answer with more: a client that refuses that would break for no reason.
  if (def.type === 'object' && io === 'output' && def.catchall === undefined) delete jsonSchema.additionalProperties;
  // The limits of exact numbers say nothing of the thing.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (def.type === 'default') jsonSchema.default ??= def.defaultValue;
}
