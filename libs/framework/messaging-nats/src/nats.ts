import type { BrokerAdapter } from '@org/messaging';
import { natsBinding } from '@org/payload';
import { openNatsTransport } from './nats-transport.ts';

/**
 * The adapter of messaging for NATS 2.9 or newer with JetStream: `nats://…`, and `tls://…`, which insists on TLS.
 *
 * @see https://docs.nats.io/nats-concepts/jetstream
 */
export const nats: BrokerAdapter = {
  name: 'nats',
  ports: { 'nats:': 4222, 'tls:': 4222 },
  binding: natsBinding,
  open: openNatsTransport,
};
