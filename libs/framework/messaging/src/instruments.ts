import { createInstruments } from '@org/metrics';
import { trace, type Counter, type Histogram, type Tracer } from '@opentelemetry/api';

export const library = '@org/messaging';

/** What is measured of messages; made when the broker is opened, so that it belongs to the telemetry then in place. */
export interface MessagingInstruments {
  readonly tracer: Tracer;
  readonly operationDuration: Histogram;
  readonly sent: Counter;
  readonly unrouted: Counter;
  readonly consumed: Counter;
  readonly processDuration: Histogram;
  readonly settled: Counter;
}

/** @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ */
export function createMessagingInstruments(): MessagingInstruments {
  const make = createInstruments(library);
  return {
    tracer: trace.getTracer(library),
    operationDuration: make.histogram('messaging.client.operation.duration', {
      description: 'Duration of messaging operations initiated by a producer.',
      unit: 's',
    }),
    sent: make.counter('messaging.client.sent.messages', {
      description: 'Messages that producers attempted to send to the broker.',
      unit: '{message}',
    }),
    unrouted: make.counter('messaging.client.unrouted.messages', {
      description: 'Events that were accepted although nobody has a queue for them.',
      unit: '{message}',
    }),
    consumed: make.counter('messaging.client.consumed.messages', {
      description: 'Messages that were delivered to the service.',
      unit: '{message}',
    }),
    processDuration: make.histogram('messaging.process.duration', {
      description: 'Duration of processing a message.',
      unit: 's',
    }),
    settled: make.counter('messaging.process.outcomes', {
      description: 'What became of deliveries: acknowledge, duplicate, expired, retry, dead_letter.',
      unit: '{message}',
    }),
  };
}
