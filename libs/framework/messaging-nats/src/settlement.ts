import type { NatsConnection } from '@nats-io/transport-node';
import { failureHeaders, type Failure, type Outcome, type Subscription } from '@org/messaging';
import { duplicateIdHeader, publishedIdHeader } from './headers.ts';
import type { Incoming } from './incoming.ts';
import { deadStreamOf, deadSubjectOf } from './names.ts';
import type { Storing } from './publish.ts';

/** How much longer than its rung a message may wait, so that what failed together does not come again together. */
const jitter = 0.1;

export const acknowledged = '+ACK';
export const inProgress = '+WPI';
export const terminated = '+TERM';

/** What says when a message is to be delivered again. */
export function deliverAgain(delayMs: number): string {
  if (delayMs <= 0) return '-NAK';
  return `-NAK {"delay":${Math.ceil(delayMs * (1 + Math.random() * jitter) * 1e6)}}`;
}

export function answerTo(outcome: Outcome): string {
  if (outcome.kind === 'acknowledge') return acknowledged;
  return outcome.kind === 'retry' ? deliverAgain(outcome.delayMs) : terminated;
}

/** Tells the server what becomes of a message; it makes no difference to one whose connection is gone. */
export function tell(connection: NatsConnection | undefined, { reply }: Pick<Incoming, 'reply'>, what: string): void {
  if (!connection || connection.isClosed()) return;
  try {
    connection.publish(reply, what);
  } catch (thrown) {
    if (!connection.isClosed()) throw thrown;
  }
}

/** The dead letter of a message. The server stores it once, should it be sent twice. */
export function deadLetterOf(
  subscription: Subscription,
  { key, message, delivery }: Incoming,
  failure: Failure,
  signal: AbortSignal,
): Storing {
  const headers: Record<string, string> = {};
  for (const [name, values] of message.headers ?? []) {
    if (!name.startsWith('Nats-')) headers[name] = values.join(', ');
  }
  return {
    name: `${subscription.name}/dead`,
    stream: deadStreamOf(subscription),
    subject: deadSubjectOf(subscription),
    headers: {
      ...headers,
      ...failureHeaders(failure),
      [publishedIdHeader]: delivery.id,
      [duplicateIdHeader]: `${subscription.name} ${key}`,
    },
    body: delivery.wire.body,
    spareBytes: 0,
    signal,
  };
}
