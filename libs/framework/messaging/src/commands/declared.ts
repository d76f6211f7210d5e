import type { MessagePromises } from '@org/contract';
import type { Handler } from '../handle.ts';
import { subscriptionOf, type SubscriptionOptions } from '../subscription.ts';
import type { Subscription } from '../transport.ts';

/** How the service consumes, as far as it is not usual: a command opens none of its handlers. */
export interface DeclaredOptions extends SubscriptionOptions {
  /** Handlers whose own options matter to their queues; without the work, `{ message, options }`. */
  readonly handlers?: readonly Pick<Handler, 'message' | 'options'>[];
}

/** The subscriptions that a contract leads to: of each event that is consumed, and of each command that is handled. */
export function declaredSubscriptions(
  { consumes = [], handles = [] }: MessagePromises,
  { handlers = [], ...rules }: DeclaredOptions,
  service: string,
): Subscription[] {
  return [...consumes, ...handles].map((message) => {
    const own = handlers.find((handler) => handler.message.type === message.type)?.options;
    return subscriptionOf(message, { ...rules, ...own }, service);
  });
}
