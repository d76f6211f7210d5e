import { createCall, currentCall, remainingMs, untilAborted } from '@org/context';
import type { QueryMessage } from '@org/contract';
import { toServiceError } from '@org/errors';
import { parseData } from '@org/payload';
import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import type { RequestOptions } from './broker.ts';
import type { BrokerCore } from './core.ts';
import { createLabels, type Labels } from './labels.ts';
import { assertRoom, createMessage, encodeMessage, withTimeout } from './outgoing.ts';
import { decodeReply, replyInvalid } from './reply.ts';

export type Request = <Query extends QueryMessage>(
  query: Query,
  request: unknown,
  options: RequestOptions,
) => Promise<never>;

/** The one way by which queries leave and replies come back. */
export function createRequest(core: BrokerCore): Request {
  const { instruments, rules, system, transport } = core;
  const labelsByType = new Map<string, Labels>();
  const labelsOf = ({ type }: QueryMessage) => {
    const known = labelsByType.get(type);
    if (known) return known;
    const named = { system, operation: 'request', operationType: 'send' as const, destination: type };
    const labels = createLabels({ ...named, kind: SpanKind.CLIENT });
    labelsByType.set(type, labels);
    return labels;
  };
  let waiting = 0;

  async function ask(query: QueryMessage, request: unknown, span: Span, options: RequestOptions): Promise<unknown> {
    const parent = currentCall();
    using call = createCall({
      ...(parent && { parent }),
      timeoutMs: options.timeoutMs ?? query.timeoutMs ?? rules.requestTimeoutMs,
      ...(options.signal && { signal: options.signal }),
    });
    const event = createMessage(core, query, { schema: query.request, data: request });
    const encoded = await encodeMessage(core, event, span, call.signal);
    const wire = withTimeout(encoded, remainingMs(call));
    const { type } = query;
    const message = { kind: 'query', type, id: event.id, key: undefined, wire, unrouted: 'refuse' } as const;
    // A transport that forgets the signal must not keep the asker waiting.
    const reply = await untilAborted(call.signal, () => transport.request({ ...message, signal: call.signal }));
    const data = decodeReply(core, type, reply);
    try {
      return parseData({ ...event, data }, query.reply);
    } catch (cause) {
      throw replyInvalid(type, cause);
    }
  }

  return async (query, request, options) => {
    assertRoom(waiting, rules.publishConcurrency, query.type);
    const labels = labelsOf(query);
    const startedAt = performance.now();
    const span = instruments.tracer.startSpan(labels.spanName, labels.spanOptions);
    let errorType: string | undefined;
    waiting += 1;
    try {
      return (await ask(query, request, span, options)) as never;
    } catch (thrown) {
      errorType = toServiceError(thrown).code;
      span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
      throw thrown;
    } finally {
      waiting -= 1;
      span.end();
      instruments.operationDuration.record((performance.now() - startedAt) / 1000, labels.attributesFor(errorType));
    }
  };
}
