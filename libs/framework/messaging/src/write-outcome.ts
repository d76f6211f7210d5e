import { httpStatusByCode, type ServiceError } from '@org/errors';
import type { CloudEvent } from '@org/payload';
import { INVALID_TRACEID, type Span } from '@opentelemetry/api';
import type { Consumer } from './consumer.ts';
import type { OutcomeName } from './observe-process.ts';
import type { Delivery, Outcome } from './transport.ts';

interface Attempted {
  readonly delivery: Delivery;
  readonly event: CloudEvent | undefined;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly name: OutcomeName;
  readonly span: Span;
  readonly error: ServiceError | undefined;
}

/** Writes one line about a message that was not handled, or not well. The others are counted, and in the trace. */
export function writeOutcome({ core, subscription }: Consumer, attempted: Attempted): void {
  const { delivery, event, attempt, outcome, name, span, error } = attempted;
  if (!error && name !== 'expired') return;
  const { traceId, spanId } = span.spanContext();
  const fields: Record<string, unknown> = {
    subscription: subscription.name,
    message_id: event?.id ?? delivery.id,
    message_type: event?.type,
    attempt,
    ...(traceId !== INVALID_TRACEID && { trace_id: traceId, span_id: spanId }),
  };
  // Its sender wanted it so, and after a long standstill there may be many.
  if (!error) return core.logger.debug(fields, 'A message expired before it was handled');
  if (outcome.kind === 'retry') {
    const next = outcome.delayMs === 0 ? 'at once' : `in ${outcome.delayMs} ms`;
    core.logger.warn({ ...fields, err: error }, `A message failed, and comes again ${next}`);
    return;
  }
  // What blames the sender has no cause here that somebody would have to look for in this service.
  const level = httpStatusByCode[error.code] < 500 ? 'warn' : 'error';
  core.logger[level]({ ...fields, err: error }, 'A message failed, and is among the dead letters');
}
