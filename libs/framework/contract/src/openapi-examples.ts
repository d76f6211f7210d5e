import type * as z from 'zod';
import type { Contract } from './contract.ts';
import type { Operation, OperationExample } from './operation.ts';
import { openApiPath } from './path.ts';

type ExamplePart = Exclude<keyof OperationExample, 'summary'>;

interface NamedExamples {
  examples?: Record<string, { summary?: string; value: unknown }>;
}

/** The examples of one part of the exchange, as a media type or a parameter lists them. */
export function namedExamples(
  { examples = {} }: Operation,
  part: ExamplePart,
  pick: (value: unknown) => unknown = (value) => value,
): NamedExamples {
  const named = Object.entries(examples).flatMap(([name, example]) => {
    const value = pick(example[part]);
    return value === undefined
      ? []
      : [[name, { ...(example.summary && { summary: example.summary }), value }] as const];
  });
  return named.length === 0 ? {} : { examples: Object.fromEntries(named) };
}

/**
 * Refuses an example that its own schema would refuse.
 *
 * @throws {TypeError} with the operation, the example, the part and the place in it.
 */
export function assertExamples(operation: Operation): void {
  const { id, examples = {}, params, query, headers, body, success } = operation;
  const schemas = { params, query, headers, body, success: success.body };
  for (const [name, example] of Object.entries(examples)) {
    for (const [part, schema] of Object.entries(schemas) as [ExamplePart, z.ZodType | undefined][]) {
      const issue = schema && example[part] !== undefined && schema.safeParse(example[part]).error?.issues[0];
      if (!issue) continue;
      const place = [part, ...issue.path].join('.');
      throw new TypeError(`Expected the example \`${name}\` of \`${id}\` to fit, but \`${place}\`: ${issue.message}`);
    }
  }
}

interface DescribedParameter extends NamedExamples {
  name: string;
  in: string;
}

const partsByPlace: Readonly<Record<string, ExamplePart>> = { path: 'params', query: 'query', header: 'headers' };

/** Adds the examples of parameters to a finished document, where a parameter is one value of the part. */
export function exampleParameters({ operations }: Contract, { paths = {} }: { paths?: object }): void {
  const described = paths as Record<string, Record<string, { parameters?: DescribedParameter[] }>>;
  for (const operation of operations) {
    const { parameters = [] } = described[openApiPath(operation.path)]?.[operation.method.toLowerCase()] ?? {};
    for (const parameter of parameters) {
      const part = partsByPlace[parameter.in];
      if (!part) continue;
      const pick = (values: unknown) => (values as Record<string, unknown> | undefined)?.[parameter.name];
      Object.assign(parameter, namedExamples(operation, part, pick));
    }
  }
}
