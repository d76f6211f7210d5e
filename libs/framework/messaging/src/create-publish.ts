import { createCall, currentCall } from '@org/context';
import type { CommandMessage, EventMessage } from '@org/contract';
import { toServiceError } from '@org/errors';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import type { PublishOptions, SentMessage } from './broker.ts';
import type { BrokerCore } from './core.ts';
import { createLabels, type Labels } from './labels.ts';
import { assertRoom, createMessage, encodeMessage, withTimeout, type Draft } from './outgoing.ts';

export type Publish = (
  message: EventMessage | CommandMessage,
  data: unknown,
  options: PublishOptions,
) => Promise<SentMessage>;

/** The one way by which events and commands leave: checked, traced, bounded, measured. */
export function createPublish(core: BrokerCore, defaults: { unrouted: 'refuse' | 'accept' }): Publish {
  const { instruments, rules, transport } = core;
  const labelsByType = new Map<string, Labels>();
  const labelsOf = ({ kind, type }: EventMessage | CommandMessage) => {
    const known = labelsByType.get(type);
    if (known) return known;
    const operation = kind === 'event' ? 'publish' : 'send';
    const named = { system: core.system, operation, operationType: 'send' as const, destination: type };
    const labels = createLabels({ ...named, kind: SpanKind.PRODUCER });
    labelsByType.set(type, labels);
    return labels;
  };
  let waiting = 0;

  async function transfer(
    message: EventMessage | CommandMessage,
    event: Draft,
    span: Span,
    { signal, unrouted = defaults.unrouted }: PublishOptions,
  ): Promise<void> {
    const { kind, type } = message;
    using call = createCall({
      ...parented(),
      timeoutMs: rules.publishTimeoutMs,
      ...(signal && { signal }),
    });
    const wire = await encodeMessage(core, event, span, call.signal);
    if (span.isRecording()) span.setAttribute('messaging.message.body.size', wire.body.length);
    await transport.publish({
      kind,
      type,
      id: event.id,
      key: event.partitionkey,
      wire: kind === 'command' ? withTimeout(wire) : wire,
      unrouted: kind === 'command' ? 'refuse' : unrouted,
      onUnrouted: () => instruments.unrouted.add(1, labelsOf(message).attributesFor(undefined)),
      signal: call.signal,
    });
  }

  return async (message, data, options) => {
    assertRoom(waiting, rules.publishConcurrency, message.type);
    const labels = labelsOf(message);
    const startedAt = performance.now();
    const span = instruments.tracer.startSpan(labels.spanName, labels.spanOptions);
    let errorType: string | undefined;
    waiting += 1;
    try {
      const event = createMessage(core, message, { ...options, schema: message.data, data });
      const key = event.partitionkey ?? message.key?.(event.data);
      if (key !== undefined) event.partitionkey = key;
      if (span.isRecording()) span.setAttribute('messaging.message.id', event.id);
      await transfer(message, event, span, options);
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
  };
}

function parented(): { parent?: NonNullable<ReturnType<typeof currentCall>> } {
  const parent = currentCall();
  return parent ? { parent } : {};
}
