import type * as z from 'zod';
import type { Message } from './message.ts';

type ExamplePart = 'data' | 'request' | 'reply';
type Example = Partial<Record<ExamplePart, unknown>> & { readonly summary?: string };

/** The examples of one part, as a message lists them. */
export function namedDataExamples(message: Message, part: ExamplePart): { examples?: object[] } {
  const examples = Object.entries<Example>(message.examples ?? {}).flatMap(([name, { summary, [part]: payload }]) =>
    payload === undefined ? [] : [{ name, ...(summary && { summary }), payload }],
  );
  return examples.length === 0 ? {} : { examples };
}

/**
 * Refuses an example that its own schema would refuse.
 *
 * @throws {TypeError} with the message, the example and the place in it.
 */
export function assertMessageExamples(message: Message): void {
  const schemas: Partial<Record<ExamplePart, z.ZodType>> =
    message.kind === 'query' ? { request: message.request, reply: message.reply } : { data: message.data };
  for (const [name, example] of Object.entries<Example>(message.examples ?? {})) {
    for (const [part, schema] of Object.entries(schemas) as [ExamplePart, z.ZodType][]) {
      const issue = example[part] === undefined ? undefined : schema.safeParse(example[part]).error?.issues[0];
      if (!issue) continue;
      const place = [part, ...issue.path].join('.');
      throw new TypeError(
        `Expected the example \`${name}\` of \`${message.type}\` to fit, but \`${place}\`: ${issue.message}`,
      );
    }
  }
}
