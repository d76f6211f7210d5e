import type { Runtime } from '@org/runtime';
import type { Broker } from './broker.ts';
import { createBroker, type BrokerOptions } from './create-broker.ts';
import { memoryAdapter } from './memory/memory-transport.ts';
import type { BrokerAdapters, BrokerSettings } from './settings.ts';
import type { BrokerAdapter } from './transport.ts';

export type OpenBrokerOptions = BrokerAdapters & BrokerOptions;

/**
 * Connects to what `BROKER_URL` names, by the adapter that has its protocol. The caller disposes it, after whatever consumes
 * from it.
 *
 * @throws {TypeError} when no adapter has the protocol: those of the settings are others.
 * @throws {ServiceError} unavailable when nothing answers there; unauthenticated or permission_denied when the broker refuses
 *   the service; failed_precondition when URL and broker do not fit.
 */
export async function openBroker(
  settings: BrokerSettings,
  { adapters = [], ...options }: OpenBrokerOptions,
  runtime: Pick<Runtime, 'logger' | 'service' | 'contract'>,
): Promise<Broker> {
  const { url, credentials, connectTimeoutMs, ...rules } = settings;
  const adapter = adapterFor(settings, adapters);
  const transport = await adapter.open({
    url,
    credentials,
    service: runtime.service.name,
    logger: runtime.logger,
    connectTimeoutMs,
  });
  return createBroker(transport, adapter, { ...rules, ...options }, runtime);
}

/** Whether a URL names the broker in memory. */
export function isMemory({ url }: Pick<BrokerSettings, 'url'>): boolean {
  return url.reveal().toLowerCase().startsWith('memory:');
}

function adapterFor(settings: BrokerSettings, adapters: readonly BrokerAdapter[]): BrokerAdapter {
  if (isMemory(settings)) return memoryAdapter();
  const url = settings.url.reveal().toLowerCase();
  const found = adapters.find(({ ports }) => Object.keys(ports).some((protocol) => url.startsWith(protocol)));
  if (found) return found;
  const protocols = ['memory:', ...adapters.flatMap(({ ports }) => Object.keys(ports))];
  const known = protocols.map((protocol) => `\`${protocol}\``).join(', ');
  throw new TypeError(
    `Expected \`adapters\` to be those of \`brokerSettings\`, got ${known} for \`${settings.url.toString()}\``,
  );
}
