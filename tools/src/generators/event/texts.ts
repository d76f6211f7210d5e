import type { EventName } from '../../messages/message-name.ts';

/** The definition of an event: an id for a start, by which what happens to one thing stays in its order. */
export function eventText({ type, noun, verb, constant }: EventName): string {
  const article = /^[aeiou]/.test(noun) ? 'An' : 'A';
  return `export const ${constant} = defineEvent({
  type: '${type}',
  summary: '${article} ${noun}: ${verb}',
  data: z.object({ id: z.string().min(1).max(100).meta({ description: 'That of the ${noun}.' }) }),
  key: ({ id }) => id,
  examples: { usual: { data: { id: '7' } } },
});`;
}
