import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '@org/logging';
import type { RestExchange } from './exchange.ts';
import { isLingering, lingerAfter } from './linger.ts';
import { prepareProblem, problemType } from './problem.ts';
import { refuse, type Refusal } from './refusal.ts';
import { requestIdFrom } from './request-id.ts';

/** What there is to know where a connection brings something that is no request. */
export interface ClientErrorOptions {
  readonly logger: Logger;
  /** What goes on over the connection, the oldest first. */
  readonly over: (socket: Socket) => readonly RestExchange[];
  /** Answers an exchange in place of whoever works on it. */
  readonly fail: (exchange: RestExchange, refusal: Refusal) => void;
}

/**
 * Answers what is no request that the parser understands, as far as there is somebody to answer; then the connection
 * ends. Requests that came before it get their own answers first.
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  { logger, over, fail }: ClientErrorOptions,
): void {
  // The parser says it again for whatever arrives behind.
  if (isLingering(socket) && error.code !== 'ECONNRESET') return;
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  lingerAfter(socket);
  const refusal = refusalFor(error);
  const before = over(socket);
  const last = before.at(-1);
  if (!last) {
    refuseRaw(socket, refusal, logger, error);
  } else {
    last.last = true;
    last.response.once('close', () => socket.destroySoon());
    if (!last.request.complete) fail(last, refusal);
  }
}

/** Answers over a connection on which there is no exchange to do it by, and closes it. */
export function refuseRaw(socket: Socket, refusal: Refusal, logger: Logger, error: unknown = refusal): void {
  // A probe that is being answered comes first.
  const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: NodeJS.EventEmitter | null };
  if (underWay) return void underWay.once('close', () => socket.destroySoon());
  const requestId = requestIdFrom(undefined);
  logger.debug({ err: error, request_id: requestId, status: refusal.status }, 'Cannot read a request');
  const { status, text = '', headers } = prepareProblem(refusal, { path: '', requestId });
  const head = {
    ...headers,
    'x-request-id': requestId,
    'content-type': problemType,
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text as string}`);
  lingerAfter(socket);
  socket.destroySoon();
}

function refusalFor({ code }: { code?: string }): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return refuse('HEADERS_TOO_LARGE');
  return refuse(code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TOO_SLOW' : 'REQUEST_MALFORMED');
}
