import { namedDataExamples } from './asyncapi-examples.ts';
import { attributesOf } from './asyncapi-headers.ts';
import type { Payload } from './asyncapi-schemas.ts';
import type { NamedEvent } from './contract-messages.ts';
import { describeDeprecation } from './deprecation.ts';
import type { Message } from './message.ts';

/** What the reply to a query is called in a document: no type of a message ends like it. */
export function replyOf(type: string): string {
  return `${type}.reply`;
}

/** The payloads of a message. Who gives one sends what comes out of its schema; who takes one is sent what goes into it. */
export function payloadsOf(message: Message): Payload[] {
  const { kind, type } = message;
  if (kind === 'event') return [{ name: type, schema: message.data, io: 'output' }];
  if (kind === 'command') return [{ name: type, schema: message.data, io: 'input' }];
  return [
    { name: type, schema: message.request, io: 'input' },
    { name: replyOf(type), schema: message.reply, io: 'output' },
  ];
}

/** Describes a message by its name in the document, and its reply where it has one. */
export function describeMessage(message: Message, payloads: Readonly<Record<string, unknown>>): [string, object][] {
  const { type, kind, summary } = message;
  const described = {
    name: type,
    summary,
    ...descriptionOf(message),
    headers: attributesOf(message),
    payload: payloads[type],
    traits: [{ $ref: '#/components/messageTraits/CloudEvent' }],
    ...namedDataExamples(message, kind === 'query' ? 'request' : 'data'),
  };
  if (kind !== 'query') return [[type, described]];
  const reply = {
    name: replyOf(type),
    summary: `The reply to \`${type}\``,
    payload: payloads[replyOf(type)],
    ...namedDataExamples(message, 'reply'),
  };
  return [
    [type, described],
    [replyOf(type), reply],
  ];
}

/** Describes an event of which the type alone is known: the document of who publishes it has the rest. */
export function describeNamed(event: NamedEvent): [string, object] {
  const { type } = event;
  const traits = [{ $ref: '#/components/messageTraits/CloudEvent' }];
  return [type, { name: type, headers: attributesOf(event), traits }];
}

function descriptionOf({ description, deprecated }: Message): object {
  const words = typeof deprecated === 'object' ? describeDeprecation(deprecated) : undefined;
  const text = [description, words].filter((each) => each !== undefined).join('\n\n');
  const sunset = typeof deprecated === 'object' ? deprecated.sunset : undefined;
  return {
    ...(text !== '' && { description: text }),
    ...(deprecated && { 'x-deprecated': true }),
    ...(sunset !== undefined && { 'x-sunset': sunset }),
  };
}
