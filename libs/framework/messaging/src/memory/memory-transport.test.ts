import { Secret } from '@org/config';
import { collectLogger } from '@org/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { messagingConformance } from '../conformance/index.ts';
import type { BrokerAdapter, Transport, TransportOptions } from '../transport.ts';
import { createMemoryServer } from './memory-server.ts';
import { memoryAdapter, memoryFeatures } from './memory-transport.ts';

const server = createMemoryServer();
afterAll(() => server[Symbol.dispose]());

const options: TransportOptions = {
  url: new Secret('memory:'),
  credentials: undefined,
  service: 'conformance',
  logger: collectLogger(),
  connectTimeoutMs: 1_000,
};
const adapter: BrokerAdapter = memoryAdapter(server);
const open = (given: Pick<TransportOptions, 'queueLimit'>) => adapter.open({ ...options, ...given });

describe('in memory', () => {
  for (const { name, needs, run } of messagingConformance({ adapter, open, delayMs: 20 })) {
    test.skipIf(needs && !memoryFeatures[needs])(name, run);
  }
});

/** Transports that break one promise each. */
const liars: Record<string, (transport: Transport) => Partial<Transport>> = {
  'says that it published, and did not': () => ({ publish: async () => {} }),
  'acknowledges before the handler has ended': (transport) => ({
    subscribe: (subscription, deliver) =>
      transport.subscribe(subscription, async (delivery) => {
        void deliver(delivery);
        return { kind: 'acknowledge' };
      }),
  }),
  'does not count attempts': (transport) => ({
    subscribe: (subscription, deliver) =>
      transport.subscribe(subscription, (delivery) => deliver({ ...delivery, attempt: 1 })),
  }),
  'never says that nobody answers': () => ({ request: () => new Promise(() => {}) }),
};

test.each(Object.entries(liars))('the suite sees a transport that %s', async (_, lie) => {
  const lying = async (given: Pick<TransportOptions, 'queueLimit'>) => {
    const transport = await open(given);
    return { ...transport, ...lie(transport) };
  };
  const cases = messagingConformance({ adapter, open: lying, delayMs: 5, timeoutMs: 150 });
  const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
  expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(2);
});
