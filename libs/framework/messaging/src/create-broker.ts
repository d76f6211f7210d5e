import type { MessagePromises } from '@org/contract';
import type { BlobStore } from '@org/payload';
import type { Runtime } from '@org/runtime';
import { assertNamed } from './assert-promised.ts';
import type { Broker } from './broker.ts';
import { core, type BrokerCore, type BrokerRules } from './core.ts';
import { createPublisher } from './create-publish.ts';
import { createRequest } from './create-request.ts';
import { deadLetterOps } from './dead-letters/ops.ts';
import { createMessagingInstruments } from './instruments.ts';
import { observeQueues } from './observe-queues.ts';
import type { BrokerAdapter, Transport } from './transport.ts';

export interface BrokerOptions {
  /** Where large data is kept. Default: nowhere, so that it is refused. */
  readonly blobs?: BlobStore;
  /** Whether events for which nobody has a queue are refused, or accepted and counted. Default: `refuse`. */
  readonly unrouted?: 'refuse' | 'accept';
}

/** What is set where nobody says anything. */
export const defaultRules: BrokerRules = {
  publishTimeoutMs: 5_000,
  publishConcurrency: 1_000,
  requestTimeoutMs: 5_000,
  maximumBytes: 2 ** 20,
  compressAboveBytes: undefined,
  blobsAboveBytes: 256 * 2 ** 10,
};

/** Makes a broker of a transport, which it closes when it is disposed. For suites and tests: services have `openBroker`. */
export function createBroker(
  transport: Transport,
  adapter: Pick<BrokerAdapter, 'name' | 'binding'>,
  { blobs, unrouted = 'refuse', ...rules }: BrokerOptions & Partial<BrokerRules>,
  runtime: Pick<Runtime, 'logger' | 'service' | 'contract'>,
): Broker {
  const { logger, service } = runtime;
  const promises = (runtime.contract ?? {}) as MessagePromises;
  const parts: BrokerCore = {
    system: adapter.name,
    binding: adapter.binding,
    transport,
    rules: { ...defaultRules, ...rules },
    blobs,
    logger,
    service,
    promises,
    instruments: createMessagingInstruments(),
    consumed: new Set(),
  };
  const publisher = createPublisher(parts, { unrouted });
  const request = createRequest(parts);
  const stopObserving = observeQueues(parts);
  return {
    kind: 'messaging',
    async publish(event, data, options = {}) {
      assertNamed(promises, 'publishes', event);
      return publisher.publish(event, data, options);
    },
    send: async (command, data, options = {}) => publisher.publish(command, data, options),
    async forward(event, options = {}) {
      if (options.kind !== 'command') assertNamed(promises, 'publishes', { kind: 'event', type: event.type });
      return publisher.forward(event, options);
    },
    request: async (query, data, options = {}) => request(query, data, options),
    check: (signal) => transport.check(signal),
    ops: deadLetterOps(parts),
    [core]: parts,
    async [Symbol.asyncDispose]() {
      stopObserving();
      await transport[Symbol.asyncDispose]();
    },
  };
}
