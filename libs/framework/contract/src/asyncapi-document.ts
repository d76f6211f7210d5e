import { assertMessageExamples } from './asyncapi-examples.ts';
import { messageTraits } from './asyncapi-headers.ts';
import { describeMessage, describeNamed, payloadsOf, replyOf } from './asyncapi-messages.ts';
import { convertPayloads } from './asyncapi-schemas.ts';
import type { AsyncApiDocument } from './asyncapi.ts';
import { messagesOf, type MessagePromises, type NamedEvent } from './contract-messages.ts';
import type { Contract } from './contract.ts';
import type { Message } from './message.ts';

/** What the service does with a message of each part: the action, and the verb that its operation is called by. */
const operations: Readonly<
  Record<keyof MessagePromises, { readonly action: 'send' | 'receive'; readonly verb: string }>
> = {
  publishes: { action: 'send', verb: 'publish' },
  consumes: { action: 'receive', verb: 'consume' },
  handles: { action: 'receive', verb: 'handle' },
  answers: { action: 'receive', verb: 'answer' },
};

/** Describes the messages of a contract: a channel for each type, and what the service does there. */
export function describeMessages(contract: Contract): AsyncApiDocument {
  const promises = messagesOf(contract);
  const messages = [...new Set(promises.map(({ message }) => message))];
  const defined = messages.filter(isDefined);
  for (const message of defined) assertMessageExamples(message);
  const { payloads, schemas } = convertPayloads(defined.flatMap(payloadsOf));
  return {
    asyncapi: '3.0.0',
    info: {
      title: contract.title,
      version: contract.version,
      ...(contract.description && { description: contract.description }),
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(messages.flatMap(channelsOf)),
    operations: Object.fromEntries(promises.map(({ part, message }) => operationOf(operations[part], message))),
    components: {
      messages: Object.fromEntries(
        messages.flatMap((message) =>
          isDefined(message) ? describeMessage(message, payloads) : [describeNamed(message)],
        ),
      ),
      messageTraits,
      schemas,
    },
  };
}

/** What an event says is stated by the contract of who publishes it, where this one knows its type alone. */
function isDefined(message: Message | NamedEvent): message is Message {
  return message.kind !== 'event' || message.data !== undefined;
}

function channelsOf(message: Message | NamedEvent): [string, object][] {
  const { type } = message;
  const channel = (address: string | null, name: string): [string, object] => [
    name,
    { address, messages: { [name]: { $ref: `#/components/messages/${name}` } } },
  ];
  // Where a reply goes is said by each request.
  return [channel(type, type), ...(message.kind === 'query' ? [channel(null, replyOf(type))] : [])];
}

function operationOf(
  { action, verb }: (typeof operations)['publishes'],
  message: Message | NamedEvent,
): [string, object] {
  const { kind, type } = message;
  const through = (name: string) => ({
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
  });
  const isQuery = message.kind === 'query';
  return [
    `${verb}.${type}`,
    {
      action,
      tags: [{ name: kind }],
      ...through(type),
      ...(isQuery && { reply: through(replyOf(type)) }),
      ...(isQuery && message.timeoutMs !== undefined && { 'x-timeout-ms': message.timeoutMs }),
    },
  ];
}
