import type { Operation } from '@org/contract';
import { createDeliver, type Deliver } from './deliver.ts';
import { eventStreamType } from './event-stream.ts';
import type { RestExchange } from './exchange.ts';
import { createPrepare, type Prepare } from './prepare.ts';
import { createStreamGiver } from './stream-answer.ts';

export interface AnswerOptions {
  /** The part of the answers that is held to the contract, from 0 to 1. */
  readonly responseValidation: number;
  readonly compression: boolean;
}

/** What becomes of what the handler of an operation gives. */
export interface Answer {
  /** Makes a whole answer, and sends it; for those that are kept in between. */
  readonly prepare: Prepare;
  readonly deliver: Deliver;
  /** Does both, or streams. */
  readonly give: (exchange: RestExchange, given: unknown) => void | Promise<void>;
}

export function createAnswer(operation: Operation, options: AnswerOptions): Answer {
  const { stream, events } = operation.success;
  const prepare = createPrepare(operation, options.responseValidation);
  const deliver = createDeliver(mediaTypeOf(operation) ?? '', options.compression);
  if (stream ?? events) return { prepare, deliver, give: createStreamGiver(operation, options, deliver) };
  return {
    prepare,
    deliver,
    give(exchange, given) {
      const prepared = prepare(given);
      // The time may be over, or the client gone, while the work went on.
      if (!exchange.over) return deliver(exchange, prepared);
    },
  };
}

/** What the body of a success is; `undefined` where it has none. */
export function mediaTypeOf({ success }: Operation): string | undefined {
  if (success.body) return 'application/json';
  return success.events ? eventStreamType : success.stream?.mediaType;
}
