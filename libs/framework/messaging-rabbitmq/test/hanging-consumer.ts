import { Secret } from '@org/config';
import type { Subscription } from '@org/messaging';
import { collectLogger } from '@org/testing';
import { rabbitmq } from '../src/index.ts';

// A consumer that never ends with what it gets: `hanging-consumer.ts URL QUEUE`.
const [url, name] = process.argv.slice(2) as [string, string];
const [group, type] = name.split('/') as [string, string];
const given = { credentials: undefined, service: group, logger: collectLogger(), connectTimeoutMs: 10_000 };
const transport = await rabbitmq.open({ url: new Secret(url), ...given });
const retryDelaysMs = [100, 100, 100];
const rules = { prefetch: 10, retryDelaysMs, ordered: false, timeoutMs: 30_000 };
const subscription: Subscription = { kind: 'event', group, types: [type], name, ...rules };
await transport.subscribe(subscription, () => {
  console.log('delivered');
  return new Promise(() => {});
});
console.log('consuming');
