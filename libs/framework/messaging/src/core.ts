import type { MessagePromises } from '@org/contract';
import type { Logger } from '@org/logging';
import type { Binding, BlobStore } from '@org/payload';
import type { ServiceIdentity } from '@org/runtime';
import type { Broker } from './broker.ts';
import type { MessagingInstruments } from './instruments.ts';
import type { BrokerSettings } from './settings.ts';
import type { Running, Subscription, Transport } from './transport.ts';

/** Where a broker keeps what `consume` and `respond` need of it. */
export const core: unique symbol = Symbol('core');

/** What is set for all messages of a broker. */
export type BrokerRules = Omit<BrokerSettings, 'url' | 'credentials' | 'connectTimeoutMs'>;

export interface BrokerCore {
  /** `messaging.system`, and the name of the adapter. */
  readonly system: string;
  readonly binding: Binding;
  readonly transport: Transport;
  readonly rules: BrokerRules;
  readonly blobs: BlobStore | undefined;
  readonly logger: Logger;
  readonly service: ServiceIdentity;
  readonly promises: MessagePromises;
  readonly instruments: MessagingInstruments;
  /** What is consumed here, for metrics and the ops port. */
  readonly consumed: Set<Consumed>;
}

export interface Consumed {
  readonly subscription: Subscription;
  readonly running: Running;
}

/** @throws {TypeError} when it is not what `openBroker` gave. */
export function coreOf(broker: Broker): BrokerCore {
  const found = (broker as { readonly [core]?: BrokerCore })[core];
  if (!found) throw new TypeError('Expected `broker` to be what `openBroker` gives, got something else');
  return found;
}
