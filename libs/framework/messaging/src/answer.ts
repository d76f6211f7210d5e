import type { QueryMessage, Received, Sent } from '@org/contract';
import type { CloudEvent } from '@org/payload';
import type { Delivered } from './handle.ts';

/** A query, and who answers it. */
export interface Answer {
  readonly query: QueryMessage;
  readonly run: (request: never, asked: Asked) => unknown;
}

/** How the work on one query stands. */
export interface Asked extends Delivered {
  /** The envelope of the query. */
  readonly event: CloudEvent;
}

/**
 * Says how a query is answered. What the function throws reaches the asker with its code.
 *
 * @example
 * export const answerQuote = (prices: Prices) => answer(quote, ({ sku }, { signal }) => prices.quote(sku, signal));
 */
export function answer<Query extends QueryMessage>(
  query: Query,
  run: (request: Received<Query['request']>, asked: Asked) => Sent<Query['reply']> | Promise<Sent<Query['reply']>>,
): Answer {
  if (query.kind !== 'query') {
    throw new TypeError('Expected `answer` to be given a query; events and commands are for `handle`');
  }
  return { query, run };
}
