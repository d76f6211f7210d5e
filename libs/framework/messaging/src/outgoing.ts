import { currentCall, remainingMs } from '@org/context';
import type { Message } from '@org/contract';
import { ServiceError } from '@org/errors';
import { createEvent, encodeBinary, parseData, storeLargeData, type CloudEvent, type WireMessage } from '@org/payload';
import { context, trace, type Span } from '@opentelemetry/api';
import type * as z from 'zod';
import { blobLimitBytes } from './blob-limit.ts';
import type { SendOptions } from './broker.ts';
import type { BrokerCore } from './core.ts';
import { injected } from './trace-headers.ts';

/** The header by which the time that is left travels with commands and queries, in whole milliseconds. */
export const timeoutHeader = 'x-request-timeout';
export const baggageHeader = 'baggage';

/** An event that is still being made. */
export type Draft = { -readonly [Name in keyof CloudEvent]: CloudEvent[Name] };

/**
 * Makes the event of a message, with its data as the schema gives it, so that nothing leaves that the contract does not name.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_SCHEMA_MISMATCH, with the places.
 */
export function createMessage(
  { service }: BrokerCore,
  { type }: Message,
  { schema, data, key, id, subject, time, expiresAt }: SendOptions & { schema: z.ZodType; data: unknown },
): Draft {
  const event: Draft = createEvent<unknown>({
    type,
    source: `/services/${service.name}`,
    ...(id !== undefined && { id }),
    ...(subject !== undefined && { subject }),
    ...(time !== undefined && { time }),
    ...(expiresAt !== undefined && { expirytime: expiresAt }),
    ...(key !== undefined && { key }),
    data,
  });
  event.data = parseData(event as CloudEvent, schema);
  return event;
}

/**
 * Writes an event as this broker carries it, with the trace of the span and the baggage of the call. A promise only where
 * data may go to a store: what waits for nothing is on its way to the broker before the next message is begun.
 */
export function encodeMessage(
  core: BrokerCore,
  event: Draft,
  span: Span,
  signal: AbortSignal,
): WireMessage | Promise<WireMessage> {
  const { blobs, rules } = core;
  const { traceparent, tracestate, baggage } = injected(trace.setSpan(context.active(), span));
  if (traceparent !== undefined) event.traceparent = traceparent;
  if (tracestate !== undefined) event.tracestate = tracestate;
  if (!blobs) return toWire(core, event, baggage);
  const aboveBytes = Math.min(rules.blobsAboveBytes, rules.maximumBytes);
  return storeLargeData(event, { store: blobs, aboveBytes, maximumBytes: blobLimitBytes, signal }).then((stored) =>
    toWire(core, stored, baggage),
  );
}

function toWire({ binding, rules }: BrokerCore, event: CloudEvent, baggage: string | undefined): WireMessage {
  const { maximumBytes, compressAboveBytes } = rules;
  const compress = compressAboveBytes === undefined ? undefined : { aboveBytes: compressAboveBytes };
  const wire = encodeBinary(event, binding, { maximumBytes, ...(compress && { compress }) });
  return baggage === undefined ? wire : { ...wire, headers: { ...wire.headers, [baggageHeader]: baggage } };
}

/** Adds the time that the current call has left. */
export function withTimeout(wire: WireMessage, timeoutMs = remainingMs(currentCall())): WireMessage {
  if (timeoutMs === undefined) return wire;
  return { ...wire, headers: { ...wire.headers, [timeoutHeader]: String(Math.floor(timeoutMs)) } };
}

/** @throws {ServiceError} resource_exhausted, PUBLISH_QUEUE_FULL: what waits for a broker is bounded. */
export function assertRoom(waiting: number, limit: number, type: string): void {
  if (waiting < limit) return;
  const message = `Cannot publish \`${type}\`: ${limit} messages wait for the broker already. Publish less at a time, or see why it is slow`;
  throw new ServiceError('resource_exhausted', message, {
    reason: 'PUBLISH_QUEUE_FULL',
    details: { delivered: 'no' },
  });
}
