import { Secret } from '@org/config';
import type { Subscription, Transport, TransportOptions } from '@org/messaging';
import { messagingConformance } from '@org/messaging/conformance';
import { collectLogger, findRabbitmq, rabbitmqRequirement, skipUnless, type FoundServer } from '@org/testing';
import { Connection } from 'rabbitmq-client';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { withUser } from '../test-fixtures/with-user.ts';
import { rabbitmq } from './index.ts';

let server: FoundServer | undefined;
const made = new Set<string>();

beforeAll(async () => {
  server = await findRabbitmq();
}, 90_000);
afterAll(async () => {
  // The server is not this test's own: what was made on it goes.
  if (server) await deleteQueues(server.url, made);
  await server?.[Symbol.asyncDispose]();
});

async function deleteQueues(url: string, queues: ReadonlySet<string>): Promise<void> {
  const connection = new Connection(withUser(url));
  for (const queue of queues) await connection.queueDelete({ queue });
  await connection.close();
}

/** Remembers what subscriptions make. */
function remembering(transport: Transport): Transport {
  const remember = ({ name, retryDelaysMs }: Subscription) => {
    for (const queue of [name, `${name}/dead`, ...retryDelaysMs.map((delayMs) => `${name}/retry/${delayMs}`)])
      made.add(queue);
  };
  return {
    ...transport,
    subscribe(subscription, deliver) {
      remember(subscription);
      return transport.subscribe(subscription, deliver);
    },
  };
}

async function open(given: Pick<TransportOptions, 'queueLimit'>): Promise<Transport> {
  const options: TransportOptions = {
    url: new Secret(server!.url),
    credentials: undefined,
    service: 'conformance',
    logger: collectLogger(),
    connectTimeoutMs: 10_000,
    ...given,
  };
  return remembering(await rabbitmq.open(options));
}

describe('over RabbitMQ', () => {
  const unable = ['deduplicates'];
  for (const { name, needs, run } of messagingConformance({ adapter: rabbitmq, open, delayMs: 100 })) {
    test.skipIf(needs && unable.includes(needs))(name, async (context) => {
      skipUnless(context, server !== undefined, rabbitmqRequirement);
      await run();
    });
  }
});
