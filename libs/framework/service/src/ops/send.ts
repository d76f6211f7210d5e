import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { httpStatusByCode, type ServiceError } from '@org/errors';
import type { OpsResponse } from '@org/runtime';

/** How long a caller may leave a stream unread: what waits for it is kept in memory. */
const stallMs = 30_000;

/** Sends an answer. Rejects when the body is no JSON, before anything is sent, or when its stream fails. */
export async function send(
  response: ServerResponse,
  { status = 200, headers = {}, body }: OpsResponse,
  limits = { stallMs },
): Promise<void> {
  const isText = typeof body === 'string';
  const isStream = body instanceof Readable;
  // Written before the head is: a body that is no JSON is a failure with a status of its own.
  const text = isText ? body : isStream || body === undefined ? '' : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  if (!isStream) return void response.end(text);
  response.setTimeout(limits.stallMs, () => response.destroy());
  await pipeline(body, response);
}

/** Sends an error as a problem document (RFC 9457). */
export async function sendProblem(
  response: ServerResponse,
  error: ServiceError,
  status: number = httpStatusByCode[error.code],
): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  // As on any port, what nobody foresaw is for the log alone; what has a reason is written for whoever operates the service.
  const detail = status < 500 || error.reason !== undefined ? error.message : undefined;
  await send(response, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: { type: 'about:blank', status, code: error.code, reason: error.reason, detail },
  });
}
