import { httpStatusByCode, type ServiceError } from '@org/errors';
import type { CloudEvent } from '@org/payload';
import { INVALID_TRACEID, type Span } from '@opentelemetry/api';
import type { Consumer } from './consumer.ts';
import type { Delivery, Outcome } from './transport.ts';

interface Attempted {
  readonly delivery: Delivery;
  readonly event: CloudEvent | undefined;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly span: Span;
  readonly error: ServiceError | undefined;
}

/** Writes one line about an attempt that did not go well. Those that did are counted, and in the trace. */
export function writeOutcome({ core, subscription }: Consumer, attempted: Attempted): void {
  const { delivery, event, attempt, outcome, span, error } = attempted;
  if (!error) return;
  const { traceId, spanId } = span.spanContext();
  const fields: Record<string, unknown> = {
    subscription: subscription.name,
    message_id: event?.id ?? delivery.id,
    message_type: event?.type,
    attempt,
    ...(traceId !== INVALID_TRACEID && { trace_id: traceId, span_id: spanId }),
  };
  if (outcome.kind === 'retry') {
    const next = outcome.delayMs === 0 ? 'at once' : `in ${outcome.delayMs} ms`;
    core.logger.warn({ ...fields, err: error }, `A message failed, and comes again ${next}`);
    return;
  }
  // What blames the sender has no cause here that somebody would have to look for in this service.
  const level = httpStatusByCode[error.code] < 500 ? 'warn' : 'error';
  core.logger[level]({ ...fields, err: error }, 'A message failed, and is among the dead letters');
}
