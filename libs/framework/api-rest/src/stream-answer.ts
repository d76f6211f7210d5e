import type { Operation } from '@org/contract';
import type { Answer, AnswerOptions } from './answer.ts';
import { isCompressible, negotiateCoding } from './compress.ts';
import { answeredUnchanged } from './conditional.ts';
import type { Deliver } from './deliver.ts';
import { createEventWriter, eventStreamHeaders, eventStreamType, heartbeat } from './event-stream.ts';
import type { RestExchange } from './exchange.ts';
import { broken } from './outgoing.ts';
import { hasNoBody, headOf } from './prepare.ts';
import { Reply, noHeaders } from './reply.ts';
import type { Prepared } from './send.ts';
import { openSource, type Source } from './source.ts';
import { sendStream } from './stream.ts';

type Head = Omit<Prepared, 'text'>;

/** Makes what answers with the stream, or the events, that the handler of an operation gives. */
export function createStreamGiver(operation: Operation, options: AnswerOptions, deliver: Deliver): Answer['give'] {
  const { events, stream } = operation.success;
  const contentType = stream?.mediaType ?? eventStreamType;
  const negotiates = options.compression && isCompressible(contentType);
  const kind = events
    ? { encode: createEventWriter(operation, options.responseValidation), heartbeat }
    : { encode: (chunk: unknown) => bytesOf(operation, chunk) };

  async function giveStream(exchange: RestExchange, source: Source, { status, headers }: Head): Promise<void> {
    if (hasNoBody(status)) throw broken(operation, `gave a stream with the status ${status}, which has no body`);
    const accepted = exchange.request.headers['accept-encoding'];
    const { headers: negotiated, coding } = negotiates
      ? negotiateCoding(accepted, headers, undefined)
      : { headers, coding: undefined };
    const head = { status, headers: events ? { ...eventStreamHeaders, ...negotiated } : negotiated };
    if (answeredUnchanged(exchange, head)) return;
    await sendStream(exchange, { ...head, contentType, source, coding, ...kind });
  }

  return async (exchange, given) => {
    const reply = given instanceof Reply ? (given as Reply) : new Reply(undefined, noHeaders, given);
    const source = openSource(reply.body);
    try {
      const head = headOf(operation, reply, source && stream ? 'content-length' : undefined);
      // The time may be over, or the client gone, while the work went on.
      if (exchange.over) return;
      if (source) await giveStream(exchange, source, head);
      else await deliver(exchange, { ...head, text: wholeOf(operation, reply.body, head) });
    } finally {
      await source?.release(exchange.logger);
    }
  };
}

/** A body that is there as a whole. */
function wholeOf(operation: Operation, body: unknown, { status }: Head): Prepared['text'] {
  if (body === undefined && status !== operation.success.status) return undefined;
  if (operation.success.events || !(typeof body === 'string' || body instanceof Uint8Array)) {
    throw broken(operation, 'gave no stream where the contract has one');
  }
  if (hasNoBody(status)) throw broken(operation, `gave a body with the status ${status}, which has none`);
  return body;
}

function bytesOf(operation: Operation, chunk: unknown): string | Uint8Array {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return chunk;
  throw broken(operation, 'gave a stream of something that is neither text nor bytes');
}
