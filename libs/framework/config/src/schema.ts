import * as z from 'zod';
import type { Secret } from './secret.ts';

/**
 * What the text of a variable must look like, and what it becomes: a zod schema that takes a string, with an `expected`
 * in its `meta()` for messages. Zod's own messages are never shown, since they may repeat a value.
 */
export type Schema<Value> = z.ZodType<Value>;

/** What a schema says about itself in its `meta()`. */
export interface SchemaMeta {
  /** A word for the kind of value, such as `duration`. Default: `text`. */
  readonly type?: string;
  /** Completes the sentence "expected …": `a port from 0 to 65535`. */
  readonly expected: string;
  /** For URLs: the protocols that are taken, each with its colon. */
  readonly protocols?: readonly string[];
  /** For a schema that gives a `Secret`: how it is printed. */
  readonly secret?: SecretShown;
}

/** How a secret is printed. Default: `[secret]`. */
export interface SecretShown<Value = unknown> {
  shown?(value: Value): string;
}

/** Makes a schema of a notation: `parse` gives `undefined` for a text that is not in it. */
export function notation<Value>(meta: SchemaMeta, parse: (text: string) => Value | undefined): Schema<Value> {
  return transformed(z.string(), meta, parse);
}

/** A schema that goes on from another; `convert` gives `undefined` for what it refuses. */
export function transformed<From, To>(
  from: Schema<From>,
  meta: SchemaMeta,
  convert: (value: From) => To | undefined,
): Schema<To> {
  const schema = from.transform((value, context) => {
    const converted = convert(value);
    if (converted === undefined) context.addIssue({ code: 'custom' });
    return converted;
  });
  return schema.meta({ ...meta }) as unknown as Schema<To>;
}

/** @throws {TypeError} when the schema does not say what it expects. */
export function metaOf(schema: Schema<unknown>): SchemaMeta {
  const meta = schema.meta() as SchemaMeta | undefined;
  if (typeof meta?.expected !== 'string') {
    throw new TypeError(
      "Expected the schema to say what it expects, such as `.meta({ expected: 'a colour' })`, got no `expected`",
    );
  }
  return meta;
}

export function isSecretSchema(schema: Schema<unknown>): schema is Schema<Secret<unknown>> {
  return metaOf(schema).secret !== undefined;
}

/** The value that a schema makes of what was read, or `undefined` without saying why: the reason may hold the value. */
export function parseWith<Value>(schema: Schema<Value>, raw: unknown): { value: Value } | undefined {
  try {
    const result = schema.safeParse(raw);
    return result.success ? { value: result.data } : undefined;
  } catch {
    // A conversion that throws, such as `JSON.parse`, refuses as well.
    return undefined;
  }
}
