import type { CommandMessage, EventMessage, Message, QueryMessage } from './message.ts';

/** What a service promises over a message broker. */
export interface MessagePromises {
  /** What it tells whoever wants to know. */
  readonly publishes?: readonly EventMessage[];
  /** What it wants to know of others. It may be among what it publishes. */
  readonly consumes?: readonly EventMessage[];
  /** What it can be told to do. */
  readonly handles?: readonly CommandMessage[];
  /** What it can be asked. */
  readonly answers?: readonly QueryMessage[];
}

type Part = keyof MessagePromises;

const kinds: Readonly<Record<Part, Message['kind']>> = {
  publishes: 'event',
  consumes: 'event',
  handles: 'command',
  answers: 'query',
};

/** Each message of a contract, with the part that it stands in. */
export function messagesOf(promises: MessagePromises): { readonly part: Part; readonly message: Message }[] {
  return (Object.keys(kinds) as Part[]).flatMap((part) => (promises[part] ?? []).map((message) => ({ part, message })));
}

/**
 * Refuses messages in a part of another kind, and two of one type. Only an event that is published may be consumed as well, if it
 * is one and the same.
 *
 * @throws {TypeError} with the type.
 */
export function assertMessages(promises: MessagePromises): void {
  const seen = new Map<string, { readonly part: Part; readonly message: Message }>();
  for (const each of messagesOf(promises)) {
    const { part, message } = each;
    const { kind, type } = message;
    if (kind !== kinds[part]) {
      throw new TypeError(
        `Expected \`${part}\` to hold what \`${makers[kinds[part]]}\` gives, got the ${kind} \`${type}\``,
      );
    }
    const other = seen.get(type);
    if (other && !(other.part === 'publishes' && part === 'consumes' && other.message === message)) {
      throw new TypeError(
        `Expected messages to differ in \`type\`, got \`${type}\` in \`${other.part}\` and in \`${part}\``,
      );
    }
    seen.set(type, each);
  }
}

const makers: Readonly<Record<Message['kind'], string>> = {
  event: 'defineEvent',
  command: 'defineCommand',
  query: 'defineQuery',
};
