import { createCall, currentCall } from '@org/context';
import type { CommandMessage, EventMessage } from '@org/contract';
import { toServiceError } from '@org/errors';
import type { CloudEvent } from '@org/payload';
import { SpanKind, SpanStatusCode, context, type Context, type Span } from '@opentelemetry/api';
import type { ForwardOptions, PublishOptions, SentMessage } from './broker.ts';
import type { BrokerCore } from './core.ts';
import { createLabels, type Labels } from './labels.ts';
import { assertRoom, createMessage, encodeMessage, withTimeout, type Draft } from './outgoing.ts';
import { extracted } from './trace-headers.ts';

/** The one way by which events and commands leave: checked, traced, bounded, measured. */
export interface Publisher {
  publish(message: EventMessage | CommandMessage, data: unknown, options: PublishOptions): Promise<SentMessage>;
  forward(event: CloudEvent, options: ForwardOptions): Promise<SentMessage>;
}

/** What is about to be sent. */
interface Sending {
  readonly kind: 'event' | 'command';
  readonly type: string;
  readonly parent: Context;
  readonly options: Pick<PublishOptions, 'unrouted' | 'signal'>;
  /** Made within the span, so that what is wrong with it is seen there. */
  make(): Draft;
}

export function createPublisher(core: BrokerCore, defaults: { unrouted: 'refuse' | 'accept' }): Publisher {
  const { instruments, rules, transport } = core;
  const labelsByType = new Map<string, Labels>();
  const labelsOf = (kind: 'event' | 'command', type: string) => {
    const known = labelsByType.get(type);
    if (known) return known;
    const operation = kind === 'event' ? 'publish' : 'send';
    const named = { system: core.system, operation, operationType: 'send' as const, destination: type };
    const labels = createLabels({ ...named, kind: SpanKind.PRODUCER });
    labelsByType.set(type, labels);
    return labels;
  };
  let waiting = 0;

  async function transfer({ kind, type, options }: Sending, event: Draft, span: Span): Promise<void> {
    const { signal, unrouted = defaults.unrouted } = options;
    const parent = currentCall();
    using call = createCall({
      ...(parent && { parent }),
      timeoutMs: rules.publishTimeoutMs,
      ...(signal && { signal }),
    });
    const encoded = encodeMessage(core, event, span, call.signal);
    const wire = encoded instanceof Promise ? await encoded : encoded;
    if (span.isRecording()) span.setAttribute('messaging.message.body.size', wire.body.length);
    await transport.publish({
      kind,
      type,
      id: event.id,
      key: event.partitionkey,
      wire: kind === 'command' ? withTimeout(wire) : wire,
      unrouted: kind === 'command' ? 'refuse' : unrouted,
      onUnrouted: () => instruments.unrouted.add(1, labelsOf(kind, type).attributesFor(undefined)),
      signal: call.signal,
    });
  }

  async function send(sending: Sending): Promise<SentMessage> {
    const { kind, type } = sending;
    assertRoom(waiting, rules.publishConcurrency, type);
    const labels = labelsOf(kind, type);
    const startedAt = performance.now();
    const span = instruments.tracer.startSpan(labels.spanName, labels.spanOptions, sending.parent);
    let errorType: string | undefined;
    waiting += 1;
    try {
      const event = sending.make();
      if (span.isRecording()) span.setAttribute('messaging.message.id', event.id);
      await transfer(sending, event, span);
      return { id: event.id };
    } catch (thrown) {
      errorType = toServiceError(thrown).code;
      span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
      throw thrown;
    } finally {
      waiting -= 1;
      span.end();
      const attributes = labels.attributesFor(errorType);
      instruments.sent.add(1, attributes);
      instruments.operationDuration.record((performance.now() - startedAt) / 1000, attributes);
    }
  }

  return {
    publish: (message, data, options) =>
      send({
        kind: message.kind,
        type: message.type,
        parent: context.active(),
        options,
        make() {
          const event = createMessage(core, message, { ...options, schema: message.data, data });
          const key = event.partitionkey ?? message.key?.(event.data);
          if (key !== undefined) event.partitionkey = key;
          return event;
        },
      }),
    forward(event, { kind = 'event', ...options }) {
      const { type, traceparent, tracestate } = event;
      const carrier = { ...(traceparent && { traceparent }), ...(tracestate && { tracestate }) };
      const parent = traceparent === undefined ? context.active() : extracted(carrier);
      return send({ kind, type, parent, options, make: () => ({ ...event }) });
    },
  };
}
