import { createCall, createCallContext, type Call } from '@org/context';
import { createEventContext, type CloudEvent, type ReceivedMessage } from '@org/payload';
import type { Context, Span } from '@opentelemetry/api';
import { baggageHeader, timeoutHeader } from './outgoing.ts';
import { extracted, type Carrier } from './trace-headers.ts';

const wellFormed = /^[\w.:/+=@-]{1,128}$/;

/** The trace and the baggage that came with a message. */
export function remoteContext(event: CloudEvent | undefined, { headers }: ReceivedMessage): Context {
  const carrier: Carrier = {};
  if (event?.traceparent !== undefined) carrier.traceparent = event.traceparent;
  if (event?.tracestate !== undefined) carrier.tracestate = event.tracestate;
  const baggage = headers[baggageHeader];
  if (typeof baggage === 'string') carrier[baggageHeader] = baggage;
  return extracted(carrier);
}

/** The call of one attempt, below that of the consumer: what has a correlation goes on under it. The caller disposes it. */
export function callFor(
  event: CloudEvent,
  timeoutMs: number,
  { parent, signal }: { parent: Call; signal?: AbortSignal },
): Call & Disposable {
  const id = event.correlationid;
  const requestId = id !== undefined && wellFormed.test(id) ? id : idOf(event);
  return createCall({ parent, timeoutMs, requestId, ...(signal && { signal }) });
}

function idOf({ id }: CloudEvent): string {
  return wellFormed.test(id) ? id : crypto.randomUUID();
}

/** The context in which a handler runs: its call, its span, and the event that is behind what it makes. */
export function contextFor(event: CloudEvent, call: Call, span: Span, remote: Context): Context {
  return createCallContext(call, span, createEventContext(event, remote));
}

/** The time that a command or a query has left by its sender, no more than `limitMs`; events have none. */
export function timeLeftMs({ headers }: ReceivedMessage, limitMs: number): number {
  const given = headers[timeoutHeader];
  return typeof given === 'string' && /^\d{1,9}$/.test(given) ? Math.min(Number(given), limitMs) : limitMs;
}
