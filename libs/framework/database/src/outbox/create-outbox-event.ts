import type { CommandMessage, EventMessage } from '@org/contract';
import { createEvent, encodeStructured, parseData, type CloudEvent } from '@org/payload';
import { context, propagation } from '@opentelemetry/api';
import type { DatabaseCore } from '../core.ts';
import type { OutboxPublishOptions } from './outbox.ts';

interface Content extends OutboxPublishOptions {
  readonly data: unknown;
  readonly maximumBytes: number;
}

/**
 * Makes the event of a message as the broker would, with the trace of the running code.
 *
 * @throws {ServiceError} invalid_argument, PAYLOAD_SCHEMA_MISMATCH, PAYLOAD_MALFORMED or PAYLOAD_TOO_LARGE.
 */
export function createOutboxEvent(
  { service }: Pick<DatabaseCore, 'service'>,
  message: EventMessage | CommandMessage,
  { id, key, subject, time, expiresAt, data, maximumBytes }: Content,
): { id: string; key: string | undefined; json: string } {
  const made: CloudEvent = createEvent<unknown>({
    type: message.type,
    source: `/services/${service.name}`,
    ...(id !== undefined && { id }),
    ...(subject !== undefined && { subject }),
    ...(time !== undefined && { time }),
    ...(expiresAt !== undefined && { expirytime: expiresAt }),
    data,
  });
  const parsed = parseData(made, message.data);
  const partitionkey = key ?? message.key?.(parsed);
  const event: CloudEvent = {
    ...made,
    ...traceOfCaller(),
    ...(partitionkey !== undefined && { partitionkey }),
    data: parsed,
  };
  const { body } = encodeStructured(event, { maximumBytes });
  return { id: made.id, key: partitionkey, json: Buffer.from(body).toString() };
}

/** What CloudEvents carry of a trace. */
function traceOfCaller(): Pick<CloudEvent, 'traceparent' | 'tracestate'> {
  const carrier: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(context.active(), carrier);
  const { traceparent, tracestate } = carrier;
  return { ...(traceparent !== undefined && { traceparent }), ...(tracestate !== undefined && { tracestate }) };
}

/** @throws {TypeError} when the service has a contract, and that does not name the event under `publishes`. */
export function assertPublished(contract: unknown, { type }: EventMessage): void {
  if (contract === undefined) return;
  const { publishes = [] } = contract as { publishes?: readonly EventMessage[] };
  if (publishes.some((each) => each.type === type)) return;
  const known = publishes.length === 0 ? 'nothing' : publishes.map((each) => `\`${each.type}\``).join(', ');
  throw new TypeError(`Expected the contract to name the event \`${type}\` under \`publishes\`, where it has ${known}`);
}
