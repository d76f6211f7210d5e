import type { CommandMessage, EventMessage, Received } from '@org/contract';
import type { Logger } from '@org/logging';
import type { CloudEvent } from '@org/payload';

/** What a handler is given. */
export interface Incoming<Data = unknown> {
  /** As the schema of the message gives it; of an older major, upcast. */
  readonly data: Data;
  /** Its envelope, as it came; `event.type` may be an older major. */
  readonly event: CloudEvent;
  /** Which attempt this is, from 1 up. */
  readonly attempt: number;
}

/** How the work on one message stands. */
export interface Delivered {
  /** Aborts when the time-out is over, and when the service stops before the work does. */
  readonly signal: AbortSignal;
  /** Writes lines with the message's type, id and attempt. */
  readonly logger: Logger;
}

/** How one kind of message is consumed; what is left out is as `consume` has it. */
export interface HandleOptions {
  /** How many messages are worked on at a time in this process, from 1 up. */
  readonly concurrency?: number;
  /** Delays after the first, second, … failed attempt, in milliseconds; the attempt after the last one is the last. */
  readonly retryDelaysMs?: readonly number[];
  /** How long an attempt may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** Whether messages of one key are worked on in their order, also when one of them fails. */
  readonly ordered?: boolean;
}

/** A message, and what is done about it. */
export interface Handler {
  readonly message: EventMessage | CommandMessage;
  readonly run: (incoming: Incoming<never>, delivered: Delivered) => unknown;
  readonly options: HandleOptions;
}

/**
 * Says what is done about an event or a command. When it ends the message is acknowledged; what it throws decides by its
 * code whether the message comes again or is set aside.
 *
 * @example
 * export const onPaymentSettled = (orders: Orders) =>
 *   handle(paymentSettled, async ({ data }, { signal }) => orders.settle(data.orderId, signal));
 */
export function handle<Handled extends EventMessage | CommandMessage>(
  message: Handled,
  run: (incoming: Incoming<Received<Handled['data']>>, delivered: Delivered) => unknown,
  options: HandleOptions = {},
): Handler {
  if (message.kind !== 'event' && message.kind !== 'command') {
    throw new TypeError('Expected `handle` to be given an event or a command; queries are for `answer`');
  }
  return { message, run: run, options };
}
