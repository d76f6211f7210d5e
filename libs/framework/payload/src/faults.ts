import { ServiceError, type Violation } from '@org/errors';

// What is wrong with a message or an event. None of the texts holds a piece of its data, and none has a cause that does:
// what `JSON.parse` throws quotes what it was given.

/** What was being done when a fault was found. */
export type Doing = 'read the message' | 'write the event' | `write the event \`${string}\``;

export function writing(type: string | undefined): Doing {
  return type === undefined ? 'write the event' : `write the event \`${type.slice(0, 200)}\``;
}

export function malformed(doing: Doing, why: string): ServiceError {
  return new ServiceError('invalid_argument', `Cannot ${doing}: ${why}`, { reason: 'PAYLOAD_MALFORMED' });
}

export function tooLarge(doing: Doing, what: string, maximumBytes: number): ServiceError {
  const message = `Cannot ${doing}: ${what} has more than ${maximumBytes} bytes. Send less, raise the limit (\`maximumBytes\`, for a broker BROKER_MESSAGE_LIMIT), or keep the data in a blob store`;
  return new ServiceError('invalid_argument', message, { reason: 'PAYLOAD_TOO_LARGE', details: { maximumBytes } });
}

export function encodingUnknown(doing: Doing, why: string): ServiceError {
  return new ServiceError('invalid_argument', `Cannot ${doing}: ${why}`, { reason: 'PAYLOAD_ENCODING_UNKNOWN' });
}

export function schemaMismatch(type: string, count: number, violations: readonly Violation[]): ServiceError {
  const places = violations.slice(0, 3).map(({ pointer, detail }) => `\`${pointer}\`: ${detail}`);
  const more = count > places.length ? ` and ${count - places.length} more` : '';
  const message = `The data of an event \`${type.slice(0, 100)}\` does not fit its schema at ${places.join('; ')}${more}. Compare the versions of publisher and consumer`;
  return new ServiceError('invalid_argument', message, {
    reason: 'PAYLOAD_SCHEMA_MISMATCH',
    details: { violations },
  });
}

export function dataMissing(dataref: string, cause: unknown): ServiceError {
  const message = `The data of the event is not in the blob store at ${dataref}. Let blobs live longer than messages do, dead letters included`;
  return new ServiceError('data_loss', message, { reason: 'PAYLOAD_DATA_MISSING', cause });
}

export function dataChanged(dataref: string): ServiceError {
  const message = `The data of the event at ${dataref} in the blob store is not what was put there. Restore the blob, or publish the event again`;
  return new ServiceError('data_loss', message, { reason: 'PAYLOAD_DATA_CHANGED' });
}
