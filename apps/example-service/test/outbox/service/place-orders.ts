import { setTimeout as delay } from 'node:timers/promises';
import { upsert, type Database } from '@org/database';
import { sql } from 'drizzle-orm';
import { placed } from './contract.ts';
import { customers, orders } from './models.ts';

export const customerIds = Array.from({ length: 12 }, (_, index) => `customer-${index}`);

const workers = 3;
const pauseMs = 60;

/** Places the next order of a customer, and tells of it, in one transaction. */
export async function placeOrder(database: Database, customer: string, { fails = false } = {}): Promise<void> {
  await database.transaction(async () => {
    const set = { orders: sql`${customers.orders} + 1` };
    const [row] = await upsert(database, customers, { id: customer, orders: 1 }, { target: customers.id, set });
    const order = { id: crypto.randomUUID(), customer, number: row?.orders ?? 0 };
    await database.insert(orders).values(order);
    await database.outbox.publish(placed, order);
    if (fails) throw new Error('The order is not placed after all');
  });
}

/** Places orders until it is disposed, whatever becomes of them; every eighth fails at the end. */
export function placeOrders(database: Database): AsyncDisposable {
  let over = false;
  const work = async () => {
    while (!over) {
      const customer = customerIds[Math.floor(Math.random() * customerIds.length)] as string;
      await placeOrder(database, customer, { fails: Math.random() < 0.125 }).catch(() => {});
      await delay(pauseMs * Math.random() * 2);
    }
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  return {
    async [Symbol.asyncDispose]() {
      over = true;
      await working;
    },
  };
}
