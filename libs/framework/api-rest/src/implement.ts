import type { Identity } from '@org/context';
import type { Operation, OperationTypes } from '@org/contract';
import type { Logger } from '@org/logging';
import type { Request } from 'express';
import type { Reply } from './reply.ts';

/** The parts of a request, checked by the operation's schemas; `undefined` where the operation has none. */
export interface Input<Types extends OperationTypes = OperationTypes> {
  readonly params: Types['params'];
  readonly query: Types['query'];
  readonly headers: Types['headers'];
  readonly body: Types['body'];
}

/** What a handler may ask about the exchange that it works for. */
export interface Exchange {
  /** Aborts when the time is over or the client is gone. Pass it on to whatever waits. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly identity: Identity | undefined;
  readonly logger: Logger;
  /** The request as Express middleware knows it. */
  readonly request: Request;
}

/** The body of the operation's success, or a reply around it; nothing where the success has no body. */
export type Answer<Body> = Body | Reply<Body> | (undefined extends Body ? void : never);

/**
 * Does what an operation promises. What it gives is answered with the operation's success status; a `ServiceError` that
 * it throws, with the status of its code; any other error is `internal`.
 */
export type Handler<Types extends OperationTypes> = (
  input: Input<Types>,
  exchange: Exchange,
) => Answer<Types['success']> | Promise<Answer<Types['success']>>;

/** An operation and what handles it. */
export interface Route {
  readonly operation: Operation;
  readonly handler: (input: Input, exchange: Exchange) => unknown;
}

/**
 * Binds an operation of the contract to its handler.
 *
 * @example
 * implement(getOrder, ({ params }, { signal }) => orders.find(params.id, signal))
 */
export function implement<Types extends OperationTypes>(operation: Operation<Types>, handler: Handler<Types>): Route {
  // Whoever calls the handler has put the input through the operation's own schemas.
  return { operation, handler: handler as Route['handler'] };
}
