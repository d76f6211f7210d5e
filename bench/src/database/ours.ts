import { createCall, runInCall } from '@org/context';
import { defineContract } from '@org/contract';
import { databaseSettings, openDatabase } from '@org/database';
import { defineService, opsSettings } from '@org/service';
import { eq, sql } from 'drizzle-orm';
import { serveClient } from './client.ts';
import { migrations, order, orders } from './orders.ts';

/** A service as any other, with its logs, metrics and traces, that does what a worker does. */
const service = defineService({
  name: 'bench-database',
  config: { database: databaseSettings(), ops: opsSettings({ port: 9902 }) },
  contract: defineContract({
    name: 'bench-database',
    version: '1.0.0',
    title: 'Bench of the database',
    operations: [],
  }),
  async start({ settings, start }) {
    const database = await start('database', (runtime) =>
      openDatabase(settings.database, { models: { orders }, migrations }, runtime),
    );
    const { placeholder } = sql;
    const read = database
      .select()
      .from(orders)
      .where(eq(orders.id, placeholder('id')))
      .prepare('read');
    const insert = database
      .insert(orders)
      .values({
        customerId: placeholder('customerId'),
        total: placeholder('total'),
        currency: placeholder('currency'),
      })
      .prepare('insert');
    const client = {
      read: (id: number) => database.select().from(orders).where(eq(orders.id, id)),
      'read, prepared': (id: number) => read.execute({ id }),
      insert: async () => database.insert(orders).values(order),
      'insert, prepared': () => insert.execute(order),
    };
    await start('worker', async () => {
      // As a handler has it, a signal that may end what it does.
      serveClient(client, async (work) => {
        using call = createCall({ timeoutMs: 600_000 });
        await runInCall(call, work);
      });
      return { async [Symbol.asyncDispose]() {} };
    });
  },
});

await service.run();
