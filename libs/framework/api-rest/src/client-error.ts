import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '@org/logging';
import { prepareProblem, problemType } from './problem.ts';
import { refuse, type Refusal } from './refusal.ts';
import { requestIdFrom } from './request-id.ts';

/** Answers what is no request that the parser understands, as far as there is somebody to answer; then closes. */
export function answerClientError(error: Error & { code?: string }, socket: Socket, logger: Logger): void {
  const refusal = refusalFor(error);
  const requestId = requestIdFrom(undefined);
  logger.debug({ err: error, request_id: requestId, status: refusal.status }, 'Cannot read a request');
  // Over a connection on which an answer is under way nothing else can be said.
  const { _httpMessage: underWay } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  if (!socket.writable || error.code === 'ECONNRESET' || underWay?.headersSent) return void socket.destroy();
  const { status, text = '' } = prepareProblem(refusal, { path: '', requestId });
  const head = {
    'x-request-id': requestId,
    'content-type': problemType,
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`, () => socket.destroy());
}

function refusalFor({ code }: { code?: string }): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return refuse('HEADERS_TOO_LARGE');
  return refuse(code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'REQUEST_TOO_SLOW' : 'REQUEST_MALFORMED');
}
