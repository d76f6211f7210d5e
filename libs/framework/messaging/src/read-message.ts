import type { CommandMessage, EventMessage } from '@org/contract';
import { ServiceError } from '@org/errors';
import { decodeMessage, fetchData, parseData, type CloudEvent, type ReceivedMessage } from '@org/payload';
import { blobLimitBytes } from './blob-limit.ts';
import type { BrokerCore } from './core.ts';
import { majorsOf } from './subscription.ts';

/** Reads the messages of one subscription. */
export interface MessageReader {
  /** @throws {ServiceError} invalid_argument, PAYLOAD_… or MESSAGE_TYPE_UNKNOWN: no other attempt would read it. */
  decode(wire: ReceivedMessage): CloudEvent;
  /**
   * The data as the newest major has it; a promise only where it is fetched.
   *
   * @throws {ServiceError} invalid_argument, PAYLOAD_SCHEMA_MISMATCH; data_loss, PAYLOAD_DATA_MISSING; what the store
   *   of blobs throws.
   */
  dataOf(event: CloudEvent, signal: AbortSignal): unknown;
}

export function createMessageReader(core: BrokerCore, message: EventMessage | CommandMessage): MessageReader {
  const { binding, rules, blobs } = core;
  const limits = { maximumBytes: rules.maximumBytes };
  const majors = majorsOf(message);
  const known = new Map(majors.map((major, age) => [major.type, age]));
  const upcast = (event: CloudEvent): unknown => {
    const age = known.get(event.type) ?? 0;
    let data = parseData(event, majors[age]!.data);
    for (let newer = age - 1; newer >= 0; newer -= 1) {
      const { type, data: schema, upcast: from } = majors[newer]!;
      data = parseData({ ...event, type, data: from!.map(data as never) }, schema);
    }
    return data;
  };
  return {
    decode(wire) {
      const event = decodeMessage(wire, binding, limits);
      if (!known.has(event.type)) throw typeUnknown(event.type, majors);
      return event;
    },
    dataOf(event, signal) {
      if (event.dataref === undefined || event.data !== undefined) return upcast(event);
      if (!blobs) throw noBlobs(event.type);
      return fetchData(event, { store: blobs, maximumBytes: blobLimitBytes, signal }).then(upcast);
    },
  };
}

function typeUnknown(type: string, majors: readonly { readonly type: string }[]): ServiceError {
  const known = majors.map((major) => `\`${major.type}\``).join(', ');
  const message = `Cannot handle a message of the type \`${type.slice(0, 200)}\`: the handler knows ${known}. Update the consumer, or let the publisher send a type that it knows`;
  return new ServiceError('invalid_argument', message, { reason: 'MESSAGE_TYPE_UNKNOWN' });
}

function noBlobs(type: string): ServiceError {
  const message = `Cannot read \`${type}\`: its data is in a store of blobs, and this service has none. Give \`blobs\` to \`openBroker\``;
  return new ServiceError('failed_precondition', message, { reason: 'BLOBS_MISSING' });
}
