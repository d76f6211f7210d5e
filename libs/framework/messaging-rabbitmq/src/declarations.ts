import type { Subscription } from '@org/messaging';
import { commandExchange, deadQueue, eventExchange, queryQueue, rungQueue, rungsOf } from './names.ts';

/** An exchange, a queue or a binding, as it is declared. */
export type Declaration =
  | { readonly kind: 'exchange'; readonly name: string; readonly type: 'topic' | 'direct'; readonly purpose: string }
  | {
      readonly kind: 'queue';
      readonly name: string;
      readonly autoDelete?: boolean;
      readonly arguments: Readonly<Record<string, string | number | boolean>>;
      readonly purpose: string;
    }
  | {
      readonly kind: 'binding';
      readonly queue: string;
      readonly exchange: string;
      readonly routingKey: string;
      readonly purpose: string;
    };

/**
 * How often a message may come back unsettled. Whether a consumer may have it once more is decided by whoever takes it,
 * long before; without a number of its own a queue has that of the broker, which from version 4.0 on is 20.
 */
const deliveryLimit = 1_000;
/** Dead letters are looked at by taking and giving back, as often as anybody likes. */
const deadDeliveryLimit = 2_000_000_000;
/** How many queries may wait at a time for those who answer a type. */
const queryLimit = 10_000;
/** A queue of queries goes with its last responder, or after this time when the broker was away meanwhile. */
const queryExpiryMs = 60_000;

const quorum = { 'x-queue-type': 'quorum' } as const;
/** A full queue refuses; it never drops what it has. */
const refusing = { 'x-overflow': 'reject-publish' } as const;

/** What moves by itself to another queue does so when that one has it safely. */
const movedTo = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
});

export const exchanges: readonly Declaration[] = [
  { kind: 'exchange', name: eventExchange, type: 'topic', purpose: 'takes events, by their types' },
  { kind: 'exchange', name: commandExchange, type: 'direct', purpose: 'takes commands, by their types' },
];

/** All that a subscription needs besides the exchanges, in the order in which it is made. */
export function subscriptionDeclarations(
  subscription: Subscription,
  queueLimit: number | undefined,
): readonly Declaration[] {
  const { name, kind, types, ordered } = subscription;
  const dead: Declaration = {
    kind: 'queue',
    name: deadQueue(name),
    arguments: { ...quorum, ...refusing, 'x-delivery-limit': deadDeliveryLimit },
    purpose: 'keeps what was set aside',
  };
  const main: Declaration = {
    kind: 'queue',
    name,
    arguments: {
      ...quorum,
      ...refusing,
      ...movedTo(deadQueue(name)),
      'x-delivery-limit': deliveryLimit,
      ...(ordered && { 'x-single-active-consumer': true }),
      ...(queueLimit !== undefined && { 'x-max-length': queueLimit }),
    },
    purpose: `takes ${types.join(', ')}`,
  };
  const rungs = rungsOf(subscription).map((delayMs): Declaration => ({
    kind: 'queue',
    name: rungQueue(name, delayMs),
    arguments: { ...quorum, ...refusing, ...movedTo(name), 'x-message-ttl': delayMs },
    purpose: `holds what is tried again after ${delayMs} ms`,
  }));
  const exchange = kind === 'event' ? eventExchange : commandExchange;
  const bindings = types.map((type): Declaration => ({
    kind: 'binding',
    queue: name,
    exchange,
    routingKey: type,
    purpose: `brings ${type} to \`${name}\``,
  }));
  return [dead, main, ...rungs, ...bindings];
}

export function queryDeclaration(type: string): Declaration & { kind: 'queue' } {
  return {
    kind: 'queue',
    name: queryQueue(type),
    autoDelete: true,
    arguments: { 'x-expires': queryExpiryMs, 'x-max-length': queryLimit, ...refusing },
    purpose: `takes queries of ${type}`,
  };
}
