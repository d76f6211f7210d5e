import { restSettings } from '@org/api-rest';
import { databaseSettings } from '@org/database';
import { brokerSettings } from '@org/messaging';
import { nats } from '@org/messaging-nats';
import { rabbitmq } from '@org/messaging-rabbitmq';
import { opsSettings } from '@org/service';
import manifest from '../package.json' with { type: 'json' };

const { ports } = manifest.nx.metadata;

/** The brokers that `BROKER_URL` can name, besides the one in memory. */
export const adapters = [nats, rabbitmq];

/** What the service reads from the environment. The reference is `docs/configuration.md`. */
export const config = {
  rest: restSettings({ port: ports.rest }),
  ops: opsSettings({ port: ports.ops }),
  database: databaseSettings(),
  broker: brokerSettings({ adapters }),
};
