import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Secret } from '@org/config';
import type { Transport } from '@org/messaging';
import { messagingConformance } from '@org/messaging/conformance';
import { collectLogger, findNats, natsRequirement, skipUnless, type FoundServer } from '@org/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { natsFeatures } from './features.ts';
import { nats } from './index.ts';
import { deadStreamOf, streamOf } from './names.ts';

let server: FoundServer | undefined;
beforeAll(async () => {
  server = await findNats();
});

/** The streams of the cases, which do not stay on the environment's server. */
const made = new Set<string>();
afterAll(async () => {
  if (server) {
    const connection = await connect({ servers: new URL(server.url).host });
    const { streams } = await jetstreamManager(connection);
    for (const name of made) await streams.delete(name).catch(() => false);
    await connection.close();
  }
  await server?.[Symbol.asyncDispose]();
});

const open = async (given: { queueLimit?: number }): Promise<Transport> => {
  const transport = await nats.open({
    url: new Secret(server!.url),
    credentials: undefined,
    service: 'conformance',
    logger: collectLogger(),
    connectTimeoutMs: 5_000,
    ...given,
  });
  return {
    ...transport,
    async subscribe(subscription, deliver) {
      made.add(deadStreamOf(subscription));
      for (const type of subscription.types) made.add(streamOf(subscription.kind, type));
      return transport.subscribe(subscription, deliver);
    },
  };
};

describe('over NATS', () => {
  for (const { name, needs, run } of messagingConformance({ adapter: nats, open })) {
    test.skipIf(needs && !natsFeatures[needs])(name, async (context) => {
      skipUnless(context, server !== undefined, natsRequirement);
      await run();
    });
  }
});
