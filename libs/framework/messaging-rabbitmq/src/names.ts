import type { MessageKind, Subscription } from '@org/messaging';
import { assertName } from './properties.ts';

/** Where messages of a kind are published: events to whoever is bound, commands and queries to one queue each. */
export interface Route {
  readonly exchange: string;
  readonly routingKey: string;
}

export const eventExchange = 'events';
export const commandExchange = 'commands';

export function routeOf(kind: MessageKind, type: string): Route {
  assertName('a routing key', type);
  if (kind === 'query') return { exchange: '', routingKey: queryQueue(type) };
  return { exchange: kind === 'event' ? eventExchange : commandExchange, routingKey: type };
}

export const queryQueue = (type: string) => `queries/${type}`;
export const deadQueue = (name: string) => `${name}/dead`;
export const rungQueue = (name: string, delayMs: number) => `${name}/retry/${delayMs}`;

/** The delays of a subscription, each once. Ordered ones wait with their consumer. */
export function rungsOf({ ordered, retryDelaysMs }: Subscription): readonly number[] {
  return ordered ? [] : [...new Set(retryDelaysMs)].toSorted((one, other) => one - other);
}
