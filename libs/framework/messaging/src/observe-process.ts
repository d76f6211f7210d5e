import type { ReceivedMessage, CloudEvent } from '@org/payload';
import {
  SpanKind,
  SpanStatusCode,
  isSpanContextValid,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import type { Consumer } from './consumer.ts';
import { createLabels } from './labels.ts';
import type { Outcome } from './transport.ts';

/** One attempt, as traces and metrics see it. */
export interface Observation {
  readonly span: Span;
  /** As W3C Trace Context writes it; `undefined` where nothing is traced. */
  traceparent(): string | undefined;
  /** It is over; `errorType` is the code of what it failed with. */
  end(outcome: OutcomeName, errorType: string | undefined): void;
}

/** What becomes of a message, as `messaging.process.outcome` has it. */
export type OutcomeName = 'acknowledge' | 'duplicate' | 'expired' | 'retry' | 'dead_letter';

export type ObserveProcess = (
  wire: ReceivedMessage,
  event: CloudEvent | undefined,
  attempt: number,
  remote: Context,
) => Observation;

/**
 * Sees to it that each attempt leaves one span, below that of the publisher, and its measurements.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export function createObserveProcess({ core, subscription }: Pick<Consumer, 'core' | 'subscription'>): ObserveProcess {
  const { instruments, system } = core;
  const { group, name } = subscription;
  const destination = name.slice(name.indexOf('/') + 1);
  const labels = createLabels({
    system,
    operation: 'process',
    operationType: 'process',
    kind: SpanKind.CONSUMER,
    destination,
    group,
  });
  const well = labels.attributesFor(undefined);
  const withOutcome = (outcome: OutcomeName) => Object.freeze({ ...well, 'messaging.process.outcome': outcome });
  const byOutcome: Readonly<Record<OutcomeName, Attributes>> = {
    acknowledge: withOutcome('acknowledge'),
    duplicate: withOutcome('duplicate'),
    expired: withOutcome('expired'),
    retry: withOutcome('retry'),
    dead_letter: withOutcome('dead_letter'),
  };

  return (wire, event, attempt, remote) => {
    const startedAt = performance.now();
    instruments.consumed.add(1, well);
    const span = instruments.tracer.startSpan(labels.spanName, labels.spanOptions, remote);
    if (span.isRecording()) {
      span.setAttributes({
        'messaging.message.body.size': wire.body.length,
        'messaging.message.delivery_attempt': attempt,
        ...(event && { 'messaging.message.id': event.id }),
        ...(event?.correlationid !== undefined && { 'messaging.message.conversation_id': event.correlationid }),
      });
    }
    return {
      span,
      traceparent() {
        const spanContext = span.spanContext();
        if (!isSpanContextValid(spanContext)) return undefined;
        const { traceId, spanId, traceFlags } = spanContext;
        return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
      },
      end(outcome, errorType) {
        instruments.settled.add(1, byOutcome[outcome]);
        instruments.processDuration.record((performance.now() - startedAt) / 1000, labels.attributesFor(errorType));
        if (span.isRecording()) {
          span.setAttribute('messaging.process.outcome', outcome);
          if (errorType !== undefined) {
            span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
          }
        }
        span.end();
      },
    };
  };
}

/** The name of a transport's outcome. */
export function outcomeName({ kind }: Outcome): OutcomeName {
  return kind === 'dead-letter' ? 'dead_letter' : kind;
}
