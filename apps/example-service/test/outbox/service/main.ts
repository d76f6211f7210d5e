import { defineSettings, oneOf, variable } from '@org/config';
import { databaseSettings, openDatabase, relayOutbox } from '@org/database';
import { brokerSettings, consume, handle, openBroker } from '@org/messaging';
import { nats } from '@org/messaging-nats';
import { rabbitmq } from '@org/messaging-rabbitmq';
import { defineService, opsSettings } from '@org/service';
import { contract, placed } from './contract.ts';
import * as models from './models.ts';
import { placeOrders } from './place-orders.ts';

const adapters = [nats, rabbitmq];

// What a service does in one process stands here in three, so that each of them can be killed alone.
export const service = defineService({
  name: 'outbox-service',
  config: {
    role: defineSettings({
      is: variable('ROLE', oneOf(['place', 'relay', 'count']), { description: 'What it does.' }),
    }),
    ops: opsSettings({ port: 0 }),
    database: databaseSettings(),
    broker: brokerSettings({ adapters }),
  },
  contract,
  async start({ settings, start }) {
    const { migrations } = models;
    const database = await start('database', (runtime) =>
      openDatabase(settings.database, { models, migrations }, runtime),
    );
    if (settings.role.is === 'place') return void (await start('orders', () => placeOrders(database)));
    const broker = await start('broker', (runtime) => openBroker(settings.broker, { adapters }, runtime));
    if (settings.role.is === 'relay')
      return void (await start('outbox', (runtime) => relayOutbox(database, broker, runtime)));
    const onPlaced = handle(placed, async ({ data }) => void (await database.insert(models.effects).values(data)));
    // Nothing is set aside, however often what it needs is away.
    const options = { inbox: database.inbox, ordered: true, retryDelaysMs: Array.from({ length: 500 }, () => 200) };
    await start('consumers', (runtime) => consume(broker, [onPlaced], options, runtime));
  },
});

if (import.meta.main) await service.run();
