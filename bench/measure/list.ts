import { startPostgres } from '@org/testing';
import pg from 'pg';
import type { Finding } from './limits.ts';
import { median } from './rounds.ts';
import { startServer, type Server } from './server.ts';
import { exampleService } from './starts.ts';
import { table } from './table.ts';

const rows = 1_000_000;
const requests = 200;

/** One in a thousand is cancelled. */
const seed = `INSERT INTO orders (id, status, customer_name, shipping_address, currency, items, total)
  SELECT gen_random_uuid(), CASE WHEN number % 1000 = 0 THEN 'cancelled' ELSE 'shipped' END, 'Customer ' || number,
    '{"lines":["Main Street 1"],"city":"Springfield","postalCode":"12345","country":"US"}', 'EUR',
    '[{"sku":"ABC-1234","quantity":2,"unitPrice":1999,"total":3998}]', 3998
  FROM generate_series(1, ${rows}) AS number`;

/** How long `GET /orders` of example-service takes with a million orders: the first page, one in the middle and one near the end. */
export async function measureList(): Promise<{ findings: Finding[]; figures: string }> {
  const server = await startPostgres({ configuration: 'max_wal_size = 4GB' });
  if (!server) throw new Error('Cannot measure: there is no PostgreSQL. Debian has it as postgresql');
  await using stack = new AsyncDisposableStack();
  stack.use(server);
  const service = stack.use(
    await startServer({ DATABASE_URL: server.url, BROKER_URL: 'memory:' }, { file: exampleService }),
  );
  const client = new pg.Client(server.url);
  await client.connect();
  stack.defer(() => client.end());
  await client.query(seed);
  await client.query('VACUUM ANALYZE orders');

  const pages = { first: 0, middle: rows / 2, late: rows * 0.9 };
  const lines: string[][] = [];
  const plans: string[] = [];
  const medians: number[] = [];
  for (const [name, behind] of Object.entries(pages)) {
    for (const status of [undefined, 'cancelled']) {
      const times = await timesOf(service, pathOf(behind, status));
      medians.push(median(times));
      lines.push([
        `${name} page${status ? `, ${status}` : ''}`,
        ...[median(times), times.at(-3)!].map((ms) => ms.toFixed(1)),
      ]);
      plans.push(`${lines.at(-1)![0]}:\n${await planOf(client, behind, status)}`);
    }
  }
  const figures = [table(['', 'median, ms', 'slowest but two, ms'], lines), ...plans].join('\n\n');
  return { figures, findings: [{ what: 'a page of a million orders, ms', value: Math.max(...medians), atMost: 50 }] };
}

const limit = 50;

/** Where a page begins, as the service writes it. */
const cursorOf = (behind: number) => Buffer.from(JSON.stringify([String(behind)])).toString('base64url');

function pathOf(behind: number, status: string | undefined): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (behind > 0) query.set('cursor', cursorOf(behind));
  if (status) query.set('status', status);
  return `/orders?${query.toString()}`;
}

/** Of one request after the other, ascending, in milliseconds. */
async function timesOf({ port }: Server, path: string): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < requests; request += 1) {
    const startedAt = performance.now();
    const response = await fetch(`http://localhost:${port}${path}`);
    const { items = [] } = (await response.json()) as { items?: unknown[] };
    times.push(performance.now() - startedAt);
    if (items.length !== limit)
      throw new Error(`Cannot measure: ${path} gave ${items.length} orders, ${response.status}`);
  }
  return times.toSorted((a, b) => a - b);
}

/** How the server runs the statement that the service has just sent. */
async function planOf(client: pg.Client, behind: number, status: string | undefined): Promise<string> {
  const { rows: sessions } = await client.query<{ query: string }>(
    `SELECT query FROM pg_stat_activity WHERE application_name = 'example-service' AND query LIKE 'select %orders%'
      ORDER BY query_start DESC LIMIT 1`,
  );
  const { query } = sessions[0]!;
  const values = [status && `'${status}'`, behind > 0 && `'${behind}'`, limit + 1].filter(Boolean);
  await client.query(`PREPARE page AS ${query}`);
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (ANALYZE, COSTS OFF, SUMMARY OFF) EXECUTE page(${values.join(', ')})`,
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.query('DEALLOCATE page');
  }
}
