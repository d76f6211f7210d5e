import type { Features } from '@org/messaging';

/** What NATS can do with this adapter. */
export const natsFeatures: Features = {
  durable: true,
  delaysInBroker: true,
  // The stream of a type is made by whoever consumes it first: until then no stream takes it, and the server says so.
  detectsUnroutable: true,
  // A consumer of a stream serves all who pull from it side by side.
  ordersAcrossConsumers: false,
  countsCrashes: true,
  deduplicates: true,
  boundsQueues: true,
};
