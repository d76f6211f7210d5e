import type { IncomingMessage } from 'node:http';
import { ServiceError } from '@org/errors';

const limitBytes = 64 * 1024;

/**
 * The JSON of a request's body, at most 64 KiB; `undefined` when it has none.
 *
 * @throws {ServiceError} invalid_argument, OPS_BODY_INVALID.
 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A body that is too long is read to its end, for which the server has a time-out: leaving it ends the connection,
  // and the caller would never learn why.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks.push(chunk);
  }
  if (bytes > limitBytes) throw invalid(`The body is longer than ${limitBytes} bytes`);
  if (bytes === 0) return undefined;
  // A page of another origin cannot send this type without asking first, and the ops port never says yes.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw invalid('Expected the body to be `application/json`');
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw invalid('The body is not JSON');
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_argument', message, { reason: 'OPS_BODY_INVALID' });
}
