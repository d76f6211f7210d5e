import { startPostgres } from '@org/testing';
import { operations, type Task } from '../src/database/client.ts';
import type { Finding } from './limits.ts';
import { median } from './rounds.ts';
import { openSink } from './sink.ts';
import { table } from './table.ts';
import { startWorker, type Worker } from './worker.ts';

const sides = ['bare', 'ours'] as const;
/** How many are under way at a time: one after the other, and as many as the pool has connections. */
const callers = [1, 10];
const count = 10_000;

interface Figures {
  readonly rates: number[];
  readonly cpus: number[];
}

/**
 * What a statement costs with models, spans and metrics, beside the driver that is beneath: both have a server on the second core,
 * and the first one in turns.
 */
export async function measureDatabase({
  rounds,
}: {
  rounds: number;
}): Promise<{ findings: Finding[]; figures: string }> {
  await using stack = new AsyncDisposableStack();
  const server = await startPostgres();
  if (!server) throw new Error('Cannot measure: there is no PostgreSQL. Debian has it as postgresql');
  stack.use(server);
  const { environment } = stack.use(await openSink());
  const workers = new Map<string, Worker<Task>>();
  // Ours makes the table.
  for (const side of sides.toReversed()) {
    const worker = await startWorker<Task>(`database/${side}.ts`, { DATABASE_URL: server.url, ...environment });
    workers.set(side, stack.use(worker));
  }
  const findings: Finding[] = [];
  const lines: string[][] = [];
  for (const operation of operations) {
    for (const each of callers) {
      const figures = await inTurns(workers, { operation, callers: each, count }, rounds);
      const [bare, ours] = sides.map((side) => figures.get(side)!).map(mediansOf);
      const what = `${operation}, ${each} at a time`;
      lines.push([what, ...[bare, ours].flatMap((side) => [side!.rate.toFixed(0), side!.cpu.toFixed(1)])]);
      findings.push({ what: `${what}: throughput, to the bare driver`, value: ours!.rate / bare!.rate, atLeast: 0.85 });
    }
  }
  return { findings, figures: table(['', 'bare, a second', 'bare, µs', 'ours, a second', 'ours, µs'], lines) };
}

async function inTurns(
  workers: ReadonlyMap<string, Worker<Task>>,
  task: Task,
  rounds: number,
): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>();
  // The first round is for warming up.
  for (let round = -1; round < rounds; round += 1) {
    for (const [side, worker] of round % 2 === 0 ? workers : [...workers].toReversed()) {
      const { elapsedMs, cpuUs } = await worker.perform(task);
      if (round < 0) continue;
      const found = figures.get(side) ?? { rates: [], cpus: [] };
      found.rates.push((task.count / elapsedMs) * 1_000);
      found.cpus.push(cpuUs / task.count);
      figures.set(side, found);
    }
  }
  return figures;
}

const mediansOf = ({ rates, cpus }: Figures) => ({ rate: median(rates), cpu: median(cpus) });
