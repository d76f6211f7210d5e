import { faultOfMessageType } from './message-type.ts';
import type { CommandMessage, EventMessage, Message, QueryMessage } from './message.ts';

/** What a service promises over a message broker. */
export interface MessagePromises {
  /** What it tells whoever wants to know. */
  readonly publishes?: readonly EventMessage[];
  /**
   * What it wants to know of others: the event or, so that a contract needs no other contract, its type. It may be among what it
   * publishes.
   */
  readonly consumes?: readonly (EventMessage | string)[];
  /** What it can be told to do. */
  readonly handles?: readonly CommandMessage[];
  /** What it can be asked. */
  readonly answers?: readonly QueryMessage[];
}

/** An event of which a contract knows the type alone. */
export type NamedEvent = Pick<EventMessage, 'kind' | 'type'> & { readonly data?: undefined };

type Part = keyof MessagePromises;

interface Promised {
  readonly part: Part;
  readonly message: Message | NamedEvent;
}

const kinds: Readonly<Record<Part, Message['kind']>> = {
  publishes: 'event',
  consumes: 'event',
  handles: 'command',
  answers: 'query',
};

/** Each message of a contract, with the part that it stands in. A type that the contract publishes is that event. */
export function messagesOf(promises: MessagePromises): Promised[] {
  const named = (type: string): EventMessage | NamedEvent =>
    promises.publishes?.find((event) => event.type === type) ?? { kind: 'event', type };
  return (Object.keys(kinds) as Part[]).flatMap((part) =>
    (promises[part] ?? []).map((each) => ({ part, message: typeof each === 'string' ? named(each) : each })),
  );
}

/**
 * Refuses messages in a part of another kind, and two of one type. Only an event that is published may be consumed as well, if it
 * is one and the same.
 *
 * @throws {TypeError} with the type.
 */
export function assertMessages(promises: MessagePromises): void {
  const seen = new Map<string, Promised>();
  for (const each of messagesOf(promises)) {
    const { part, message } = each;
    const { kind, type } = message;
    if (kind !== kinds[part]) {
      throw new TypeError(
        `Expected \`${part}\` to hold what \`${makers[kinds[part]]}\` gives, got the ${kind} \`${type}\``,
      );
    }
    const fault = faultOfMessageType(kind, type);
    if (fault) throw new TypeError(`${fault} in \`${part}\``);
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
