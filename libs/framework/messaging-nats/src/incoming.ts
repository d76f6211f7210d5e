import type { Msg } from '@nats-io/transport-node';
import type { Delivery } from '@org/messaging';
import { fromNatsHeaders, publishedIdOf } from './headers.ts';

/** A message of a stream that was delivered and is not settled. */
export interface Incoming {
  /** Which message of which stream it is, also when another stream takes the name. */
  readonly key: string;
  readonly subject: string;
  /** Where it is settled. A later delivery of the same message has another one. */
  reply: string;
  readonly sequence: number;
  /** Milliseconds, as `performance.now`: since when it is here. */
  readonly since: number;
  readonly message: Msg;
  readonly delivery: Delivery;
}

/**
 * Reads a delivery; `undefined` for what is none. Where it is settled says all about it:
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<stream sequence>.<consumer sequence>.<timestamp>.<pending>`, with domain and
 * account behind the second word, and one at the end, on newer servers.
 *
 * @param deliveredBefore Up to which sequence the consumer had been given messages when that was last known: the server
 *   (2.9) says of some that it delivers for a second time, when those who wait for messages are gone, that it is the first.
 */
export function readIncoming(message: Msg, deliveredBefore: number): Incoming | undefined {
  const { reply = '' } = message;
  const words = reply.split('.');
  const first = words.length > 9 ? 4 : 2;
  if (words.length < 9 || words[0] !== '$JS' || words[1] !== 'ACK') return undefined;
  const [stream, , delivered, sequence, , nanos = '0'] = words.slice(first);
  const key = `${stream} ${sequence} ${nanos}`;
  return {
    key,
    subject: message.subject,
    reply,
    sequence: Number(sequence),
    since: performance.now(),
    message,
    delivery: {
      wire: { headers: fromNatsHeaders(message), body: message.data },
      id: publishedIdOf(message) ?? key.replaceAll(' ', '-'),
      attempt: Math.max(Number(sequence) <= deliveredBefore ? 2 : 1, Number(delivered) || 1),
      firstAt: Math.floor(Number(nanos) / 1e6),
    },
  };
}
