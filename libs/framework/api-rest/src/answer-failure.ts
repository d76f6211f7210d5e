import { ServiceError, toServiceError } from '@org/errors';
import type { RestExchange } from './exchange.ts';
import { prepareProblem, problemType } from './problem.ts';
import { send } from './send.ts';

/** Answers with the problem document of what was thrown, if there is still somebody to answer. Never throws. */
export function answerFailure(exchange: RestExchange, thrown: unknown): void {
  const error = toServiceError(thrown);
  if (exchange.over) return noteLateFailure(exchange, error);
  exchange.error = error;
  try {
    send(exchange, prepareProblem(error, exchange), problemType);
  } catch (cause) {
    exchange.error = new ServiceError('internal', 'Cannot write down the error that was to be answered', {
      cause: new AggregateError([thrown, cause]),
    });
    send(exchange, prepareProblem(exchange.error, exchange), problemType);
  }
}

function noteLateFailure(exchange: RestExchange, error: ServiceError): void {
  const { response, logger } = exchange;
  if (response.headersSent && !response.writableEnded) {
    // Half an answer is out: only a broken connection tells the client so.
    exchange.error = error;
    response.destroy();
  } else if (error.code !== 'cancelled' && error.code !== 'deadline_exceeded') {
    logger.warn({ err: error }, 'The work failed after its answer was out');
  }
}
