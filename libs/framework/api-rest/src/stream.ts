import { ServiceError, toServiceError } from '@org/errors';
import type { Coding } from './compress.ts';
import type { RestExchange } from './exchange.ts';
import { createInterruptible } from './interruptible.ts';
import { keepAlive } from './keep-alive.ts';
import { statusOf } from './problem.ts';
import { sendHead, startHead, type Prepared } from './send.ts';
import { openSink, type Sink } from './sink.ts';
import type { Source } from './source.ts';

/** An answer whose body comes bit by bit. */
export interface StreamedAnswer extends Omit<Prepared, 'text'> {
  readonly contentType: string;
  readonly source: Source;
  readonly coding: Coding | undefined;
  /** What a chunk is on the wire. What it throws fails the stream. */
  readonly encode: (chunk: unknown) => string | Uint8Array;
  /** What a stream without an end sends while it has nothing to say. Such a stream ends when the service stops. */
  readonly heartbeat?: string;
}

/**
 * Sends an answer bit by bit, as fast as the client takes it. The head goes out with the first chunk: what fails before is
 * thrown, to be answered as a problem. What fails later breaks the connection, which alone tells the client so, and is the
 * error of the exchange.
 *
 * @throws whatever the source throws before its first chunk.
 */
export async function sendStream(exchange: RestExchange, answer: StreamedAnswer): Promise<void> {
  const { heartbeat } = answer;
  const { response, request } = exchange;
  let sink: Sink | undefined;
  const open = () => (sink ??= openBody(exchange, answer));
  const alive = heartbeat === undefined ? undefined : keepAlive(exchange, heartbeat, open);
  try {
    if (request.method === 'HEAD') {
      writeHead(exchange, answer);
      response.end();
      return;
    }
    await pump(exchange, answer, open);
    open().end();
  } catch (thrown) {
    if (alive?.stopped() && !exchange.closed) open().end();
    else if (response.headersSent) breakOff(exchange, thrown);
    else throw thrown;
  } finally {
    alive?.[Symbol.dispose]();
  }
}

async function pump(exchange: RestExchange, answer: StreamedAnswer, open: () => Sink): Promise<void> {
  const { source, encode, heartbeat } = answer;
  using interruptible = createInterruptible(exchange.signal);
  for (;;) {
    const result = await interruptible.wait(source.next());
    if (result.done) return;
    const chunk = encode(result.value);
    const sink = open();
    const fits = sink.write(chunk);
    if (heartbeat !== undefined) sink.flush();
    if (!fits) await interruptible.wait(sink.drained());
  }
}

function openBody(exchange: RestExchange, answer: StreamedAnswer): Sink {
  writeHead(exchange, answer);
  return openSink(exchange.response, answer.coding);
}

function writeHead(exchange: RestExchange, { status, headers, contentType, heartbeat }: StreamedAnswer): void {
  const head = startHead(exchange);
  // RFC 9110 section 14.3: nobody needs to try to go on where a download was cut.
  head.push('content-type', contentType, 'accept-ranges', 'none');
  if (heartbeat !== undefined) exchange.becomeEndless();
  sendHead(exchange, status, head, headers);
  // A body that is longer or shorter than its `content-length` fails, and takes no answer behind it along.
  exchange.response.strictContentLength = true;
}

function breakOff(exchange: RestExchange, thrown: unknown): void {
  if (exchange.closed) return;
  const error = toServiceError(thrown);
  // Whoever is to blame for it, half an answer is a failure of the service.
  exchange.error =
    statusOf(error) >= 500
      ? error
      : new ServiceError('internal', `The answer broke off: ${error.message}`, {
          reason: 'STREAM_BROKEN',
          cause: error,
        });
  exchange.response.destroy();
}
