import type { MessagePromises } from '@org/contract';
import type { Handler } from '../handle.ts';
import { subscriptionOf, type SubscriptionOptions } from '../subscription.ts';
import type { Subscription } from '../transport.ts';

/** How the service consumes, as far as it is not usual: a command opens none of its handlers. */
export interface DeclaredOptions extends SubscriptionOptions {
  /**
   * Handlers whose own options matter to their queues, and those of events that the contract names by their type and that are
   * upcast; without the work, `{ message, options }`.
   */
  readonly handlers?: readonly Pick<Handler, 'message' | 'options'>[];
}

/** The subscriptions that a contract leads to: of each event that is consumed, and of each command that is handled. */
export function declaredSubscriptions(
  { consumes = [], handles = [] }: MessagePromises,
  { handlers = [], ...rules }: DeclaredOptions,
  service: string,
): Subscription[] {
  return [...consumes, ...handles].map((promised) => {
    const named = typeof promised === 'string' ? { kind: 'event' as const, type: promised } : promised;
    const handler = handlers.find(({ message }) => message.type === named.type);
    return subscriptionOf(handler?.message ?? named, { ...rules, ...handler?.options }, service);
  });
}
