/** A schema of JSON Schema 2020-12 or draft 07, as far as documents of contracts use it. */
export type Schema = Readonly<Record<string, unknown>>;

/** A document whose components references lead to. */
export type Components = Readonly<Record<string, unknown>>;

/** What says nothing about which values are valid. */
const annotations = new Set([
  ...['$comment', '$id', '$schema', '$defs', 'default', 'deprecated', 'description', 'example', 'examples', 'title'],
  ...['readOnly', 'writeOnly', 'contentMediaType', 'contentEncoding', 'discriminator', 'externalDocs', 'xml'],
]);

/** The keywords by which two schemas are compared. */
const judged = new Set([
  ...['$ref', 'type', 'enum', 'const', 'allOf', 'anyOf', 'oneOf', 'properties', 'required', 'additionalProperties'],
  ...['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'minLength', 'maxLength', 'pattern', 'format'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'propertyNames', 'minProperties'],
  'maxProperties',
]);

/** The keywords of a schema that this comparison has no rule for, such as `not`. */
export function unjudged(schema: Schema): string[] {
  return Object.keys(schema).filter((key) => !judged.has(key) && !annotations.has(key) && !key.startsWith('x-'));
}

/** Follows a reference such as `#/components/schemas/Order`, and puts the parts of `allOf` into one schema of 2020-12. */
export function resolve(schema: unknown, document: Components): Schema {
  if (schema === true || schema === undefined) return {};
  if (schema === false) return { enum: [] };
  const { $ref, allOf, ...rest } = withPrefixItems(schema as Schema);
  const parts = [
    ...(Array.isArray(allOf) ? (allOf as unknown[]) : []),
    ...($ref === undefined ? [] : [at($ref, document)]),
  ];
  return parts.map((part) => resolve(part, document)).reduce(both, rest);
}

/** The items of a tuple as JSON Schema 2020-12 says them: draft 07, which AsyncAPI speaks, has other keywords for them. */
function withPrefixItems(schema: Schema): Schema {
  const { items, additionalItems, ...rest } = schema;
  if (!Array.isArray(items)) return schema;
  return { ...rest, prefixItems: items as unknown[], ...(additionalItems !== undefined && { items: additionalItems }) };
}

function at(reference: unknown, document: Components): unknown {
  const path = String(reference).replace(/^#\//, '').split('/');
  const keys = path.map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

/** What is valid for both; a keyword that both have, with other values, is kept under a name that nothing judges. */
function both(one: Schema, other: Schema): Schema {
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    if (annotations.has(key) || isSame(merged[key] ?? value, value)) merged[key] ??= value;
    else if (key === 'properties') merged.properties = bothProperties(merged.properties as Schema, value as Schema);
    else if (key === 'required') merged.required = [...(merged.required as string[]), ...(value as string[])];
    else merged[`allOf of ${key}`] = [merged[key], value];
  }
  return merged;
}

function bothProperties(one: Schema, other: Schema): Schema {
  const entries = Object.entries(other).map(([key, value]) => {
    return [key, key in one && !isSame(one[key], value) ? { allOf: [one[key], value] } : value] as const;
  });
  return { ...one, ...Object.fromEntries(entries) };
}

/** Whether two schemas are the same but for what says nothing about values. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(each));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => isMap || !annotations.has(key));
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, plain(each, key === 'properties')]),
  );
}
