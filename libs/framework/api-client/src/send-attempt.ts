import { currentCall, remainingMs } from '@org/context';
import { ServiceError, toServiceError } from '@org/errors';
import type { Answer } from './client.ts';
import { connectionFailed, type Peer } from './connection-failed.ts';
import { credentialsFor, type Credentials } from './credentials.ts';
import { setHeader } from './encode-request.ts';
import type { Observe } from './observe.ts';
import type { PreparedCall } from './prepare-call.ts';
import { readAnswer, refuseFailure } from './read-answer.ts';
import { openAnswer } from './open-answer.ts';
import { createLifetime } from './lifetime.ts';

/** What all attempts of a client have in common. */
export interface Transport {
  readonly service: string;
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly observe: Observe;
  readonly credentials: Credentials | undefined;
  readonly maximumBodyBytes: number;
  readonly streamIdleMs: number;
}

/** Sends a request once and reads the answer, or the head of one that is a stream. The signal ends both. */
export async function sendAttempt(
  transport: Transport,
  prepared: PreparedCall,
  attemptSignal: AbortSignal,
  attempt: number,
): Promise<Answer> {
  const { operation, request, sources } = prepared;
  const { service, origin, maximumBodyBytes } = transport;
  const peer: Peer = { operation: operation.id, service, origin };
  const headers = await headersOf(transport, prepared);
  const lifetime = sources && createLifetime(attemptSignal, sources);
  const signal = lifetime?.signal ?? attemptSignal;
  const observation = transport.observe(operation, request.url, attempt);
  observation.inject(headers);
  try {
    const response = await transport.fetch(request.url, {
      method: operation.method,
      headers,
      redirect: 'manual',
      signal,
      ...(request.body !== undefined && { body: request.body }),
      ...(request.body instanceof ReadableStream && { duplex: 'half' as const }),
    });
    observation.answered(response.status);
    await refuseFailure(response, operation, peer);
    const answer = await (lifetime
      ? openAnswer(response, operation, peer, { ...transport, lifetime })
      : readAnswer(response, operation, peer, maximumBodyBytes));
    observation.end();
    return answer;
  } catch (thrown) {
    const error = errorOf(thrown, signal, peer);
    lifetime?.end(error);
    observation.end(error);
    throw error;
  }
}

const wellFormedId = /^[\x21-\x7e]{1,128}$/;

/** The headers of the call with those that an attempt has of its own. */
async function headersOf(
  { credentials }: Transport,
  { operation, request, sources, streamTimeoutMs }: PreparedCall,
): Promise<Headers> {
  const headers = new Headers(request.headers);
  const authorization = headers.has('authorization') ? undefined : await credentialsFor(credentials, operation);
  if (authorization !== undefined) setHeader(headers, 'authorization', authorization);
  const call = currentCall();
  const leftMs = sources ? streamTimeoutMs : remainingMs(call);
  if (leftMs !== undefined) headers.set('x-request-timeout', String(Math.max(1, leftMs)));
  if (call && wellFormedId.test(call.requestId)) headers.set('x-request-id', call.requestId);
  return headers;
}

function errorOf(thrown: unknown, signal: AbortSignal, peer: Peer): ServiceError {
  if (signal.aborted) return toServiceError(signal.reason);
  // `fetch` wraps what the source of an upload fails with.
  const own = [thrown, (thrown as Error).cause].find((each) => each instanceof ServiceError);
  return own ?? connectionFailed(thrown, peer);
}
