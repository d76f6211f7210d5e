import type { Message, MessagePromises } from '@org/contract';

/** Refuses handlers that the contract knows nothing of, promises without a handler, and two handlers of one message. */
export function assertConsumed(promises: MessagePromises, handlers: readonly { readonly message: Message }[]): void {
  for (const { message } of handlers) {
    const part = message.kind === 'command' ? 'handles' : 'consumes';
    assertNamed(promises, part, message);
  }
  assertDistinct(handlers.map(({ message }) => message));
}

/** Refuses answers that the contract does not promise, and promises that nobody keeps. */
export function assertAnswered(promises: MessagePromises, answered: readonly Message[]): void {
  for (const query of answered) assertNamed(promises, 'answers', query);
  assertDistinct(answered);
  const left = (promises.answers ?? []).filter(({ type }) => !answered.some((each) => each.type === type));
  if (left.length === 0) return;
  throw new TypeError(`Expected an answer to each query of the contract, got none to ${listed(left)}`);
}

/** @throws {TypeError} when the contract does not name the message there. */
export function assertNamed(
  promises: MessagePromises,
  part: keyof MessagePromises,
  message: Pick<Message, 'kind' | 'type'>,
): void {
  const named = (promises[part] ?? []).map((each) => (typeof each === 'string' ? eventOf(each) : each));
  if (named.some(({ type, kind }) => type === message.type && kind === message.kind)) return;
  const known = named.length === 0 ? 'nothing' : listed(named);
  throw new TypeError(
    `Expected the contract to name the ${message.kind} \`${message.type}\` under \`${part}\`, where it has ${known}`,
  );
}

/** A contract names what it consumes by its type, where the event is another's. */
function eventOf(type: string): Pick<Message, 'kind' | 'type'> {
  return { kind: 'event', type };
}

function assertDistinct(messages: readonly Message[]): void {
  const seen = new Set<string>();
  for (const { type } of messages) {
    if (seen.has(type)) throw new TypeError(`Expected one handler for each message, got two for \`${type}\``);
    seen.add(type);
  }
}

function listed(messages: readonly Pick<Message, 'type'>[]): string {
  return messages.map(({ type }) => `\`${type}\``).join(', ');
}
