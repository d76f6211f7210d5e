import { Secret, readSettings } from '@org/config';
import { collectLogger } from '@org/testing';
import { natsBinding } from '@org/payload';
import { expect, test } from 'vitest';
import {
  brokerSettings,
  memoryAdapter,
  openBroker,
  type BrokerAdapter,
  type BrokerSettings,
  type TransportOptions,
} from './index.ts';

const service = { name: 'orders', version: '1.0.0', commit: undefined };
const runtime = { logger: collectLogger(), service, contract: {} };

/** An adapter that says what it was opened with. */
function collecting(opened: TransportOptions[]): BrokerAdapter {
  return {
    name: 'example',
    ports: { 'example:': 4000, 'examples:': 4001 },
    binding: natsBinding,
    async open(options) {
      opened.push(options);
      return memoryAdapter().open(options);
    },
  };
}

function settingsOf(environment: Record<string, string>, adapters: readonly BrokerAdapter[] = []): BrokerSettings {
  const config = { broker: brokerSettings({ adapters }) };
  return readSettings(config, { environment, service: 'orders', schemes: [] }).settings.broker as BrokerSettings;
}

test('without a variable the broker is in memory', async () => {
  await using broker = await openBroker(settingsOf({}), {}, runtime);
  await broker.check(AbortSignal.timeout(1_000));
  expect(broker.kind).toBe('messaging');
});

test('the URL picks one of the adapters, which gets credentials and the name of the service', async () => {
  const opened: TransportOptions[] = [];
  const adapters = [collecting(opened)];
  const environment = { BROKER_URL: 'Examples://host/x', BROKER_CREDENTIALS: 'orders:hunter2' };
  await using _ = await openBroker(settingsOf(environment, adapters), { adapters }, runtime);
  expect(opened[0]).toMatchObject({ service: 'orders', connectTimeoutMs: 10_000 });
  expect(opened[0]!.url.reveal()).toBe('Examples://host/x');
  expect(opened[0]!.credentials?.reveal()).toEqual({ username: 'orders', password: 'hunter2' });
});

test.each([
  ['a URL that no adapter opens', { BROKER_URL: 'example://host' }, 'BROKER_URL'],
  ['production that does not name the memory', { NODE_ENV: 'production' }, 'BROKER_URL'],
  ['a time-out that is none', { BROKER_PUBLISH_TIMEOUT: '0s' }, 'BROKER_PUBLISH_TIMEOUT'],
  ['no room at all', { BROKER_PUBLISH_CONCURRENCY: '0' }, 'BROKER_PUBLISH_CONCURRENCY'],
  ['a limit below any message', { BROKER_MESSAGE_LIMIT: '1B' }, 'BROKER_MESSAGE_LIMIT'],
])('%s is a fault of the configuration', (_, environment, named) => {
  expect(() => settingsOf(environment)).toThrow(named);
});

test('production may name the memory', () => {
  expect(settingsOf({ NODE_ENV: 'production', BROKER_URL: 'memory:' }).url.reveal()).toBe('memory:');
});

test('adapters other than those of the settings are a mistake of the application', async () => {
  const settings = {
    ...settingsOf({}),
    url: new Secret('example://user:hunter2@host', { shown: 'example://user:[secret]@host' }),
  };
  const opening = openBroker(settings, {}, runtime);
  await expect(opening).rejects.toThrow(
    /^Expected `adapters` .+ got `memory:` for `example:\/\/user:\[secret\]@host`$/,
  );
});

test('the settings declare what is connected to over a network', () => {
  expect(brokerSettings({ adapters: [collecting([])] }).connections).toEqual([
    { kind: 'messaging', variable: 'BROKER_URL', ports: { 'example:': 4000, 'examples:': 4001 } },
  ]);
});
