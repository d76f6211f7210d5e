import { currentCall, remainingMs } from '@org/context';
import type { Operation } from '@org/contract';
import type { CallOptions } from './client.ts';
import { encodeRequest, setHeader, type EncodedRequest, type PlainInput } from './encode-request.ts';

/** One call, ready to be sent: the same for all of its attempts. */
export interface PreparedCall {
  readonly operation: Operation;
  readonly request: EncodedRequest;
  /** Whether doing it twice is the same as doing it once (RFC 9110 section 9.2.2), and it can be sent twice. */
  readonly repeatable: boolean;
  /** Where the answer is a stream: the signals that end it, since it outlives the call. */
  readonly sources: readonly AbortSignal[] | undefined;
  /** Where the answer is a stream: what is left of the time of whoever calls. */
  readonly streamTimeoutMs: number | undefined;
}

/**
 * Encodes a call. A new idempotency key is made for it, where the operation takes one and none is given.
 *
 * @throws {ServiceError} invalid_argument, REQUEST_UNSENDABLE.
 */
export function prepareCall(base: string, operation: Operation, input: PlainInput, options: CallOptions): PreparedCall {
  const { method, success } = operation;
  const request = encodeRequest(base, operation, input, options.headers);
  const { headers } = request;
  const accepted = success.events ? 'text/event-stream' : (success.stream?.mediaType ?? 'application/json');
  headers.set('accept', `${accepted}, application/problem+json`);
  const idempotencyKey = options.idempotencyKey ?? (operation.idempotencyKey && crypto.randomUUID());
  if (idempotencyKey !== undefined) setHeader(headers, 'idempotency-key', idempotencyKey);
  const idempotent = method === 'GET' || method === 'PUT' || method === 'DELETE';
  const caller = currentCall();
  return {
    operation,
    request,
    repeatable: (idempotent || operation.idempotencyKey !== undefined) && !(request.body instanceof ReadableStream),
    sources:
      success.events || success.stream
        ? [options.signal, caller?.signal].filter((signal) => signal !== undefined)
        : undefined,
    streamTimeoutMs: remainingMs(caller),
  };
}
