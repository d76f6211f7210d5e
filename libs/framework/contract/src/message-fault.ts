import { faultOfDeprecation } from './deprecation.ts';
import { faultOfMessageType, splitMessageType } from './message-type.ts';
import type { Message } from './message.ts';

/** What contradicts itself in a message, if anything does. */
export function faultOfMessage(message: Message): string | undefined {
  const { kind, type, deprecated } = message;
  const fault = faultOfMessageType(kind, type) ?? faultOfUpcast(message) ?? faultOfTimeout(message);
  return fault ?? (typeof deprecated === 'object' ? faultOfDeprecation(deprecated) : undefined);
}

function faultOfUpcast(message: Message): string | undefined {
  if (message.kind === 'query' || message.upcast === undefined) return undefined;
  const { from } = message.upcast;
  const [older, own] = [splitMessageType(from.type), splitMessageType(message.type)];
  const expected = `Expected \`upcast.from\` to be an older major of the ${message.kind} \`${own?.name}\``;
  if (from.kind === message.kind && older && own && older.name === own.name && older.major < own.major) {
    return undefined;
  }
  return `${expected}, got the ${from.kind} \`${from.type}\``;
}

function faultOfTimeout(message: Message): string | undefined {
  if (message.kind !== 'query' || message.timeoutMs === undefined) return undefined;
  if (Number.isSafeInteger(message.timeoutMs) && message.timeoutMs >= 1) return undefined;
  return `Expected \`timeoutMs\` to be an integer from 1 up, got \`${message.timeoutMs}\``;
}
