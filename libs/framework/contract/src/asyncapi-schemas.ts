import * as z from 'zod';
import { completeSchema } from './complete-schema.ts';

/** What a message carries, by its name in the document. */
export interface Payload {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly io: 'input' | 'output';
}

type Schemas = Readonly<Record<string, unknown>>;

/**
 * Converts payloads to the schemas of AsyncAPI 3.0, those of JSON Schema draft 07. Schemas with an `id` become components; where
 * what goes into one differs from what comes out of it, the latter is called `…Output`, as in the OpenAPI document.
 *
 * @throws {TypeError} when an `id` is no name of a component, or that of what comes out of another.
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0#schemaObject
 */
export function convertPayloads(payloads: readonly Payload[]): { payloads: Schemas; schemas: Schemas } {
  const [input, output] = [convert(payloads, 'input'), convert(payloads, 'output')];
  const differing = differingNames(input.schemas, output.schemas);
  for (const name of [...differing].map((each) => `${each}Output`)) {
    if (!(name in input.schemas || name in output.schemas)) continue;
    throw new TypeError(`Expected no schema with the \`id\` \`${name}\`, which is what comes out of another, got one`);
  }
  const placed = [
    place(input, (name) => name),
    place(output, (name) => (differing.has(name) ? `${name}Output` : name)),
  ];
  return {
    payloads: Object.assign({}, ...placed.map((each) => each.payloads)) as Schemas,
    schemas: Object.assign({}, ...placed.map((each) => each.schemas)) as Schemas,
  };
}

interface Converted {
  readonly payloads: Schemas;
  /** What several of them have in common, by names to which references such as `#/definitions/Order` lead. */
  readonly schemas: Schemas;
}

const reference = /^#\/definitions\//;

/** Converts all of one side as one object, so that they share what they have in common. */
function convert(payloads: readonly Payload[], io: Payload['io']): Converted {
  const shape = payloads.filter((each) => each.io === io).map(({ name, schema }) => [name, schema] as const);
  const { properties = {}, definitions = {} } = z.toJSONSchema(z.object(Object.fromEntries(shape)), {
    target: 'draft-7',
    io,
    override: ({ zodSchema, jsonSchema }) => completeSchema({ zodSchema, jsonSchema, io }),
  });
  return { payloads: properties, schemas: definitions as Schemas };
}

/** The names that stand for other schemas on the two sides, by themselves or by what they refer to. */
function differingNames(input: Schemas, output: Schemas): ReadonlySet<string> {
  const shared = Object.keys(output).filter((name) => name in input);
  const withReferrers = (names: ReadonlySet<string>): ReadonlySet<string> => {
    const more = shared.filter(
      (name) => !names.has(name) && referencesIn(output[name]).some((each) => names.has(each)),
    );
    return more.length > 0 ? withReferrers(new Set([...names, ...more])) : names;
  };
  return withReferrers(new Set(shared.filter((name) => JSON.stringify(input[name]) !== JSON.stringify(output[name]))));
}

function referencesIn(schema: unknown): string[] {
  const names: string[] = [];
  mapReferences(schema, (name) => {
    names.push(name);
    return name;
  });
  return names;
}

/** Puts schemas where a document has its components, under other names. */
function place({ payloads, schemas }: Converted, rename: (name: string) => string): Converted {
  const refer = (name: string) => `#/components/schemas/${rename(name)}`;
  const entries = Object.entries(schemas).map(([name, schema]) => {
    if (!/^[\w.-]+$/.test(name)) {
      throw new TypeError(`Expected the \`id\` of a schema to be letters, digits and \`_ . -\`, got \`${name}\``);
    }
    return [rename(name), mapReferences(schema, refer)] as const;
  });
  return { payloads: mapReferences(payloads, refer) as Schemas, schemas: Object.fromEntries(entries) };
}

function mapReferences(node: unknown, map: (name: string) => string): unknown {
  if (Array.isArray(node)) return node.map((each) => mapReferences(each, map));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]: [string, unknown]) => {
    const isReference = key === '$ref' && typeof value === 'string' && reference.test(value);
    return [key, isReference ? map(value.replace(reference, '')) : mapReferences(value, map)] as const;
  });
  return Object.fromEntries(entries);
}
