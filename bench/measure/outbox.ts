import { startPostgres } from '@org/testing';
import type { OutboxTaken, Task } from '../src/database/outbox.ts';
import type { Finding } from './limits.ts';
import { brokers } from './messages.ts';
import { median } from './rounds.ts';
import { openSink } from './sink.ts';
import { table } from './table.ts';
import { startWorker, type Worker } from './worker.ts';

const operations = ['order', 'rows', 'publish'] as const;
const count = 2_000;

/**
 * What it costs that events leave with their transaction: a service that keeps orders and publishes each through its outbox, until
 * the broker has confirmed the last, beside the same rows inserted alone; and how long an event takes to the broker.
 */
export async function measureOutbox({ rounds }: { rounds: number }): Promise<{ findings: Finding[]; figures: string }> {
  const findings: Finding[] = [];
  const lines: string[][] = [];
  for (const [name, start] of Object.entries(brokers)) {
    await using stack = new AsyncDisposableStack();
    const server = await startPostgres();
    const broker = await start();
    if (!server || !broker) throw new Error(`Cannot measure: there is no PostgreSQL, or no ${name}. Debian has both`);
    stack.use(server);
    stack.use(broker);
    const { environment } = stack.use(await openSink());
    const brokerUrl = broker.url.replace('amqp://', 'amqp://guest:guest@');
    const urls = { DATABASE_URL: server.url, BROKER_URL: brokerUrl };
    const worker = stack.use(await startWorker<Task>('database/outbox.ts', { ...urls, ...environment }));
    const rates = await inTurns(worker, rounds);
    const perSecond = Math.round(rates.publish / 2);
    const delays: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { delayMs } = (await worker.perform({
        operation: 'publish',
        count: perSecond * 2,
        perSecond,
      })) as OutboxTaken;
      delays.push(delayMs!);
    }
    lines.push([name, ...operations.map((operation) => rates[operation].toFixed(0)), median(delays).toFixed(1)]);
    const what = `${name}: through the outbox`;
    findings.push(
      { what: `${what}, throughput to the rows alone`, value: rates.publish / rates.rows, atLeast: 0.7 },
      { what: `${what}, ms from commit to broker at half load`, value: median(delays), atMost: 50 },
    );
  }
  const head = ['', 'order, a second', 'order and row', 'order and event', 'ms to the broker'];
  return { findings, figures: table(head, lines) };
}

async function inTurns(worker: Worker<Task>, rounds: number): Promise<Record<Task['operation'], number>> {
  const rates = { order: [] as number[], rows: [] as number[], publish: [] as number[] };
  // The first round is for warming up.
  for (let round = -1; round < rounds; round += 1) {
    for (const operation of round % 2 === 0 ? operations : operations.toReversed()) {
      const { elapsedMs } = await worker.perform({ operation, count });
      if (round >= 0) rates[operation].push((count / elapsedMs) * 1_000);
    }
  }
  return { order: median(rates.order), rows: median(rates.rows), publish: median(rates.publish) };
}
