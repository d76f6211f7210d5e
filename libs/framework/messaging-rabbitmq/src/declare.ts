import { topologyConflict } from '@org/messaging';
import type { Channel } from 'rabbitmq-client';
import type { Declaration } from './declarations.ts';

type Made = Exclude<Declaration, { kind: 'binding' }>;

/**
 * Makes what is not there yet.
 *
 * @throws {ServiceError} failed_precondition, TOPOLOGY_CONFLICT, when something of a name is there and made otherwise. The
 *   channel is closed then.
 */
export async function declareAll(channel: Channel, declarations: readonly Declaration[], doing: string): Promise<void> {
  for (const declaration of declarations) {
    try {
      await declare(channel, declaration);
    } catch (error) {
      throw isConflict(error) && declaration.kind !== 'binding'
        ? topologyConflict({ doing, why: explainConflict(declaration, error as Error), cause: error })
        : error;
    }
  }
}

export async function declare(channel: Channel, declaration: Declaration, passive = false): Promise<void> {
  if (declaration.kind === 'exchange') {
    await channel.exchangeDeclare({ exchange: declaration.name, type: declaration.type, durable: true, passive });
  } else if (declaration.kind === 'queue') {
    const { name, autoDelete = false, arguments: given } = declaration;
    await channel.queueDeclare({ queue: name, durable: true, autoDelete, arguments: given, passive });
  } else {
    const { queue, exchange, routingKey } = declaration;
    await channel.queueBind({ queue, exchange, routingKey });
  }
}

export function isConflict(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'PRECONDITION_FAILED';
}

export function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'NOT_FOUND';
}

/** Says in what it differs, and what to do. */
export function explainConflict({ kind, name }: Made, { message }: Error): string {
  const found = /inequivalent arg '([^']+)' for .*: received (.+) but current is (.+?)(?:$|,)/s.exec(message);
  const differs = found
    ? `its \`${found[1]}\` is ${plain(found[3]!)} there, and has to be ${plain(found[2]!)}`
    : message.replace(/^.*PRECONDITION_FAILED - /s, '');
  const remedy =
    kind === 'queue'
      ? `Let it run empty, delete it (\`rabbitmqctl delete_queue ${name}\`) and start the service again, which makes it anew; or go back to the options that it was made with`
      : `Delete the exchange once nobody publishes to it, and start the service again, which makes it anew; or give the services a virtual host of their own`;
  return `${kind} \`${name}\` is there already, and made otherwise: ${differs}. ${remedy}`;
}

/** The broker quotes values, and says of which type they are. */
function plain(value: string): string {
  const text = value.trim().replace(/^the value (.+) of type .*$/s, '$1');
  if (text === "''") return 'empty';
  return text === 'none' ? 'not set' : text.startsWith("'") ? `\`${text.slice(1, -1)}\`` : `\`${text}\``;
}
