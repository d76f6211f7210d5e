import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { NewOrder, Order } from '@org/example-service-contract';
import { startBuilt, type BuiltService } from '@org/service/testing';
import { temporaryDirectory } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main, post } from './built.ts';
import { oddOrders, type Line } from './odd-orders.ts';

let service: BuiltService;
beforeAll(async () => {
  service = await startBuilt(main);
});
afterAll(() => service[Symbol.asyncDispose]());

/** Posts the lines of a file, twenty at a time. Gives the answers in the order of the lines. */
async function postFile(path: string): Promise<{ line: Line; order: Order; replayed: boolean }[]> {
  const lines = createInterface({ input: createReadStream(path) })[Symbol.asyncIterator]();
  const answers: { line: Line; order: Order; replayed: boolean }[] = [];
  let next = 0;
  const work = async () => {
    for (let read = await lines.next(); !read.done; read = await lines.next()) {
      const index = next++;
      const line = JSON.parse(read.value) as Line;
      answers[index] = { line, ...(await place(line)) };
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  return answers;
}

async function place({ key, order }: Line): Promise<{ order: Order; replayed: boolean }> {
  for (;;) {
    const response = await post(`${service.url}/orders`, order, key === undefined ? {} : { 'idempotency-key': key });
    const body = await response.json();
    // The first request with this key is still being worked on.
    if (response.status === 409) continue;
    expect({ status: response.status, body }).toMatchObject({ status: 201 });
    return { order: body as Order, replayed: response.headers.get('idempotency-replayed') === 'true' };
  }
}

async function readAll(): Promise<Order[]> {
  const orders: Order[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const response = await fetch(`${service.url}/orders?limit=100${cursor && `&cursor=${cursor}`}`);
    expect(response.status).toBe(200);
    const page = (await response.json()) as { items: Order[]; nextCursor?: string };
    orders.push(...page.items);
    cursor = page.nextCursor;
  }
  return orders;
}

/** What was sent, without what the service adds. */
function sentPart({ id: _, number: _n, status: _s, placedAt: _p, total: _t, items, ...rest }: Order): NewOrder {
  return { ...rest, items: items.map(({ total: _, ...item }) => item) };
}

function exactTotal({ items }: NewOrder): bigint {
  return items.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice), 0n);
}

describe('a file of a thousand odd orders', () => {
  let answers: Awaited<ReturnType<typeof postFile>>;

  beforeAll(async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'orders.jsonl');
    const lines = oddOrders(1_000, 20_260_102);
    await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    answers = await postFile(file);
    expect(answers.map(({ line }) => line)).toEqual(lines);
  });

  test('is accepted whole, each order as it was sent, with exact totals', () => {
    expect(answers).toHaveLength(1_000);
    for (const { line, order } of answers) {
      expect(sentPart(order)).toEqual(line.order);
      expect(BigInt(order.total)).toBe(exactTotal(line.order));
    }
    expect(new Set(answers.map(({ order }) => order.currency))).toEqual(new Set(['EUR', 'USD', 'JPY']));
    expect(answers.some(({ order }) => order.total === 0)).toBe(true);
  });

  test('gives one order for each key, and another one for the same order without it', () => {
    const firstOf = new Map<string, string>();
    for (const { line, order } of answers) {
      if (line.key === undefined) continue;
      expect(order.id).toBe(firstOf.get(line.key) ?? order.id);
      firstOf.set(line.key, order.id);
    }
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(100);
    expect(new Set(answers.map(({ order }) => order.id)).size).toBe(900);
  });

  test('is read back through the cursor: every order once, none changed, in the order of their numbers', async () => {
    const placed = new Map(answers.map(({ order }) => [order.id, order]));
    const read = await readAll();
    expect(read.map(({ number }) => number)).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
    for (const order of read) expect(order).toEqual(placed.get(order.id));
  });

  test('leaves the service healthy, without a warning about any of them', async () => {
    expect((await fetch(`${service.opsUrl}/readyz`)).status).toBe(200);
    const loud = service.logs.filter(({ level, logger }) => level !== 'info' && logger !== 'database');
    expect(loud).toEqual([]);
  });
});
