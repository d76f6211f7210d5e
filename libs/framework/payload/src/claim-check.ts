import { createHash } from 'node:crypto';
import { ServiceError } from '@org/errors';
import type { CloudEvent } from './cloud-event.ts';
import { decodeData, encodeData } from './data.ts';
import { dataChanged, dataMissing, malformed, tooLarge, writing } from './faults.ts';
import { expectInteger, maximumBytesOf, maximumDepthOf, type Limits } from './limits.ts';

/** Where large data is kept: what `cloud` and its like satisfy. */
export interface BlobStore {
  /** Puts bytes at a key, in place of what is there. */
  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Rejects with a `ServiceError` of the code not_found when there is nothing. */
  get(key: string, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface StoreDataOptions extends Limits {
  readonly store: BlobStore;
  /** Data of more bytes than these is kept in the store. */
  readonly aboveBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FetchDataOptions extends Limits {
  readonly store: BlobStore;
  readonly signal?: AbortSignal | undefined;
}

// The key is the hash of the data: an event that is sent again finds its blob there, whoever has a message can have no
// other blob by it, and a blob that was changed is noticed.
const keyOf = (bytes: Uint8Array) => `claim-checks/${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * The claim check: puts the data of an event into the store when it is large, and gives the event with `dataref` in its
 * place; any other event comes back as it is. `maximumBytes` is for the data, by default 1 MiB.
 *
 * Nothing ever deletes a blob, since several events may have the same one: let the store do so by age.
 *
 * @throws {ServiceError} invalid_argument: PAYLOAD_MALFORMED, PAYLOAD_ENCODING_UNKNOWN or PAYLOAD_TOO_LARGE; and what
 *   the store throws.
 */
export async function storeLargeData(event: CloudEvent, options: StoreDataOptions): Promise<CloudEvent> {
  const { store, aboveBytes, signal } = options;
  expectInteger('aboveBytes', aboveBytes, 0);
  if (event.data === undefined) return event;
  const { bytes, contentType } = encodeData(event, maximumDepthOf(options));
  if (bytes.length <= aboveBytes) return event;
  const maximumBytes = maximumBytesOf(options);
  if (bytes.length > maximumBytes) throw tooLarge(writing(event.type), 'its data', maximumBytes);
  const dataref = keyOf(bytes);
  await store.put(dataref, bytes, signal);
  const { data: _data, ...attributes } = event;
  return { ...attributes, ...(contentType !== undefined && { datacontenttype: contentType }), dataref };
}

/**
 * Gives an event its data back from the store, without `dataref`; any event that has data, or no `dataref`, comes back
 * as it is. `maximumBytes` is for the data, by default 1 MiB.
 *
 * @throws {ServiceError} data_loss: PAYLOAD_DATA_MISSING or PAYLOAD_DATA_CHANGED; invalid_argument: PAYLOAD_MALFORMED
 *   when `dataref` leads elsewhere or the data is not what its content type says, PAYLOAD_TOO_LARGE; and what else the
 *   store throws.
 */
export async function fetchData(event: CloudEvent, options: FetchDataOptions): Promise<CloudEvent> {
  const { dataref, ...attributes } = event;
  if (dataref === undefined || event.data !== undefined) return event;
  // The sender says where: it must be no way to whatever else the store has.
  if (!/^claim-checks\/[0-9a-f]{64}$/.test(dataref)) {
    throw malformed(
      'read the message',
      'its `dataref` leads elsewhere than to what `storeLargeData` puts into a blob store',
    );
  }
  const bytes = await get(dataref, options);
  const maximumBytes = maximumBytesOf(options);
  if (bytes.length > maximumBytes) throw tooLarge('read the message', 'its data', maximumBytes);
  if (keyOf(bytes) !== dataref) throw dataChanged(dataref);
  return { ...attributes, data: decodeData(bytes, event.datacontenttype, maximumDepthOf(options)) };
}

async function get(dataref: string, { store, signal }: FetchDataOptions): Promise<Uint8Array> {
  try {
    return await store.get(dataref, signal);
  } catch (cause) {
    if (cause instanceof ServiceError && cause.code === 'not_found') throw dataMissing(dataref, cause);
    throw cause;
  }
}
