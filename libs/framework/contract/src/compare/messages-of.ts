import { resolve, type Components, type Schema } from './schema.ts';

/** One message that a service promises to send, to do or to answer, as a document has it. */
export interface DocumentedMessage {
  /** Kind and type, such as `event orders.order.placed.v1`. */
  readonly title: string;
  readonly kind: string;
  readonly type: string;
  /** Whether the service gives the payload or takes it. */
  readonly action: 'send' | 'receive';
  readonly payload: unknown;
  /** The payload of the reply; `undefined` where there is none. */
  readonly reply: unknown;
}

/** The promises of an AsyncAPI 3.0 document: all but what the service consumes, by which nobody is bound. */
export function promisedMessages(document: Components): DocumentedMessage[] {
  return Object.values((document.operations ?? {}) as Record<string, Schema>)
    .map((operation) => messageOf(operation, document))
    .filter(({ kind, action }) => kind !== 'event' || action === 'send');
}

function messageOf({ action, tags, messages, reply }: Schema, document: Components): DocumentedMessage {
  const [{ name: kind } = { name: '' }] = (tags ?? []) as { readonly name: string }[];
  const message = firstOf(messages, document);
  const type = String(message.name);
  return {
    title: `${kind} ${type}`,
    kind,
    type,
    action: action === 'send' ? 'send' : 'receive',
    payload: message.payload,
    reply: reply === undefined ? undefined : firstOf((reply as Schema).messages, document).payload,
  };
}

function firstOf(messages: unknown, document: Components): Schema {
  const [first] = (messages ?? []) as unknown[];
  return resolve(first, document);
}
