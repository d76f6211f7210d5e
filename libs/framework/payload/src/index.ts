// What messages are made of.
export type { AttributeValue, CloudEvent } from './cloud-event.ts';
export { createEvent, type CreateEventOptions } from './create-event.ts';
export { createEventContext } from './event-context.ts';
export { parseData } from './parse-data.ts';

// How they are sent and received.
export { decodeBatch, encodeBatch } from './batch.ts';
export { amqpBinding, httpBinding, natsBinding, type Binding } from './binding.ts';
export { decodeMessage } from './decode-message.ts';
export { encodeBinary } from './encode-binary.ts';
export type { Limits } from './limits.ts';
export { encodeStructured } from './structured.ts';
export type { EncodeOptions, ReceivedMessage, WireMessage } from './wire-message.ts';

// Where large data is kept.
export {
  fetchData,
  storeLargeData,
  type BlobStore,
  type FetchDataOptions,
  type StoreDataOptions,
} from './claim-check.ts';
