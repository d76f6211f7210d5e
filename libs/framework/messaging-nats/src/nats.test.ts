import { Secret } from '@org/config';
import { messagingConformance } from '@org/messaging/conformance';
import {
  collectLogger,
  environmentNats,
  hasNats,
  natsRequirement,
  skipUnless,
  startNats,
  type NatsServer,
} from '@org/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { natsFeatures } from './features.ts';
import { nats } from './index.ts';

let own: NatsServer | undefined;
let url: string | undefined;
beforeAll(async () => {
  url = await environmentNats();
  if (url === undefined && (await hasNats())) own = await startNats();
  url ??= own?.url;
});
afterAll(async () => own?.[Symbol.asyncDispose]());

const open = (given: { queueLimit?: number }) =>
  nats.open({
    url: new Secret(url!),
    credentials: undefined,
    service: 'conformance',
    logger: collectLogger(),
    connectTimeoutMs: 5_000,
    ...given,
  });

describe('over NATS', () => {
  for (const { name, needs, run } of messagingConformance({ adapter: nats, open })) {
    test.skipIf(needs && !natsFeatures[needs])(name, async (context) => {
      skipUnless(context, url !== undefined, natsRequirement);
      await run();
    });
  }
});
