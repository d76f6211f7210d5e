import { createCall, runInContext, untilAborted } from '@org/context';
import type { QueryMessage } from '@org/contract';
import { toServiceError } from '@org/errors';
import { decodeMessage, parseData, type CloudEvent, type ReceivedMessage, type WireMessage } from '@org/payload';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Resource, Runtime } from '@org/runtime';
import type { Answer, Asked } from './answer.ts';
import { assertAnswered } from './assert-promised.ts';
import type { Broker } from './broker.ts';
import { coreOf, type BrokerCore } from './core.ts';
import { callFor, contextFor, remoteContext, timeLeftMs } from './incoming-context.ts';
import { createLabels } from './labels.ts';
import { encodeError, encodeReply, replyInvalid } from './reply.ts';
import { stopAll } from './stop-all.ts';
import type { Running } from './transport.ts';

export interface RespondOptions {
  /** How many queries of a type are answered at a time in this process, from 1 up. Default: 100. */
  readonly concurrency?: number;
}

/** Responders at work. */
export interface Responders extends Resource {
  drain(signal: AbortSignal): Promise<void>;
}

/**
 * Answers the queries of the service's contract.
 *
 * @throws {TypeError} when the contract has a query without an answer, or does not name one that is answered.
 * @throws {RangeError} when `concurrency` is not a whole number from 1 up.
 */
export async function respond(
  broker: Broker,
  answers: readonly Answer[],
  { concurrency = 100 }: RespondOptions,
  runtime: Pick<Runtime, 'logger'>,
): Promise<Responders> {
  const core: BrokerCore = { ...coreOf(broker), logger: runtime.logger };
  assertAnswered(
    core.promises,
    answers.map(({ query }) => query),
  );
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`Expected \`concurrency\` to be an integer from 1 up, got \`${concurrency}\``);
  }
  const ending = new AbortController();
  const responding: Running[] = [];
  const end = (signal: AbortSignal) => stopAll(responding.splice(0), signal, ending);
  try {
    for (const each of answers) {
      const handleQuery = createQueryHandler(core, each, ending.signal);
      responding.push(await core.transport.respond({ type: each.query.type, concurrency }, handleQuery));
    }
  } catch (error) {
    await end(AbortSignal.timeout(1_000));
    throw error;
  }
  return { kind: 'messaging', drain: end, [Symbol.asyncDispose]: () => end(AbortSignal.abort()) };
}

type QueryHandler = (wire: ReceivedMessage, signal: AbortSignal) => Promise<WireMessage>;

function createQueryHandler(core: BrokerCore, { query, run }: Answer, ending: AbortSignal): QueryHandler {
  const { binding, instruments, rules, system } = core;
  const named = { system, operation: 'answer', operationType: 'process' as const, destination: query.type };
  const labels = createLabels({ ...named, kind: SpanKind.SERVER });
  const parent = createCall({ requestId: query.type, signal: ending });

  return async (wire, gone) => {
    const startedAt = performance.now();
    instruments.consumed.add(1, labels.attributesFor(undefined));
    let event: CloudEvent | undefined;
    let poison: unknown;
    try {
      event = decodeMessage(wire, binding, { maximumBytes: rules.maximumBytes });
    } catch (thrown) {
      poison = thrown;
    }
    const remote = remoteContext(event, wire);
    const span = instruments.tracer.startSpan(labels.spanName, labels.spanOptions, remote);
    let errorType: string | undefined;
    try {
      if (!event) throw poison;
      const asked = event;
      const timeoutMs = timeLeftMs(wire, query.timeoutMs ?? rules.requestTimeoutMs);
      using call = callFor(asked, timeoutMs, { parent, signal: gone });
      const delivered: Asked = {
        event: asked,
        signal: call.signal,
        get logger() {
          return core.logger.child({ message_type: asked.type, message_id: asked.id });
        },
      };
      const answered = await runInContext(contextFor(asked, call, span, remote), () =>
        untilAborted(call.signal, () => run(parseData(asked, query.request) as never, delivered)),
      );
      return encodeReply(core, query.type, checkedReply(query, asked, answered));
    } catch (thrown) {
      const error = toServiceError(thrown);
      errorType = error.code;
      span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
      if (error.code === 'internal' || error.code === 'unknown' || error.code === 'data_loss') {
        core.logger.error({ message_type: query.type, message_id: event?.id, err: error }, 'A query failed');
      }
      return encodeError(core, query.type, error);
    } finally {
      span.end();
      instruments.processDuration.record((performance.now() - startedAt) / 1000, labels.attributesFor(errorType));
    }
  };
}

/** @throws {ServiceError} internal, REPLY_INVALID: it is not the asker's fault. */
function checkedReply({ type, reply }: QueryMessage, event: CloudEvent, data: unknown): unknown {
  try {
    return parseData({ ...event, data }, reply);
  } catch (cause) {
    throw replyInvalid(type, cause);
  }
}
