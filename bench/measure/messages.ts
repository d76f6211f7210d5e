import { startNats, startRabbitmq } from '@org/testing';
import type { Task } from '../src/messages/client.ts';
import type { Finding } from './limits.ts';
import { median } from './rounds.ts';
import { openSink } from './sink.ts';
import { table } from './table.ts';
import { startWorker, type Worker } from './worker.ts';

type Broker = AsyncDisposable & { readonly url: string };
type StartBroker = () => Promise<Broker | undefined>;
type Side = (typeof sides)[number];

interface Figures {
  readonly rates: number[];
  readonly cpus: number[];
}

export const brokers = { RabbitMQ: startRabbitmq, NATS: startNats };
const sides = ['bare', 'ours'] as const;
const operations = ['publish', 'consume'] as const;
/** How large messages are, how many are sent in a round, and what part of the bare client's throughput is asked for. */
const sizes = [
  { bytes: 256, count: 10_000, atLeast: 0.8 },
  { bytes: 8_192, count: 4_000, atLeast: 0.9 },
];

/**
 * What a message costs with envelope, validation, traces and metrics, beside the client library that is beneath: both
 * send to a broker of their own on the second core, and have the first one in turns.
 */
export async function measureMessages({
  rounds,
}: {
  rounds: number;
}): Promise<{ findings: Finding[]; figures: string }> {
  const findings: Finding[] = [];
  const lines: string[][] = [];
  for (const [name, start] of Object.entries(brokers)) {
    await using stack = new AsyncDisposableStack();
    const { url } = stack.use(await startBroker(name, start));
    const { environment } = stack.use(await openSink());
    const workers = new Map<string, Worker<Task>>();
    for (const side of sides) workers.set(side, stack.use(await startSideOn(side, url, environment)));
    for (const { bytes, count, atLeast } of sizes) {
      const figures = await inTurns(workers, { bytes, count, rounds });
      for (const operation of operations) {
        const [bare, ours] = sides.map((side) => mediansOf(figures.get(`${side} ${operation}`)!));
        const what = `${name}, ${operation}, ${bytes} B`;
        lines.push([what, ...[bare, ours].flatMap((each) => [each!.rate.toFixed(0), each!.cpu.toFixed(1)])]);
        findings.push({ what: `${what}: throughput, to the bare client`, value: ours!.rate / bare!.rate, atLeast });
        if (bytes > 1_024) continue;
        findings.push({
          what: `${what}: µs of CPU more than the bare client`,
          value: ours!.cpu - bare!.cpu,
          atMost: 25,
        });
      }
    }
  }
  const head = ['', 'bare, messages/s', 'bare, µs', 'ours, messages/s', 'ours, µs'];
  return { findings, figures: table(head, lines) };
}

async function inTurns(
  workers: ReadonlyMap<string, Worker<Task>>,
  { bytes, count, rounds }: { bytes: number; count: number; rounds: number },
): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>();
  // The first round is for warming up.
  for (let round = -1; round < rounds; round += 1) {
    for (const [side, worker] of round % 2 === 0 ? workers : [...workers].toReversed()) {
      for (const operation of operations) {
        const { elapsedMs, cpuUs } = await worker.perform({ operation, count, bytes });
        if (round < 0) continue;
        const key = `${side} ${operation}`;
        const found = figures.get(key) ?? { rates: [], cpus: [] };
        found.rates.push((count / elapsedMs) * 1_000);
        found.cpus.push(cpuUs / count);
        figures.set(key, found);
      }
    }
  }
  return figures;
}

const mediansOf = ({ rates, cpus }: Figures) => ({ rate: median(rates), cpu: median(cpus) });

/** One side alone with a broker of its own, and its traces sent. */
export async function startSide(name: string, start: StartBroker, side: Side): Promise<Worker<Task>> {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await startBroker(name, start));
  const { environment } = stack.use(await openSink());
  const worker = stack.use(await startSideOn(side, url, environment));
  const opened = stack.move();
  return { perform: (task) => worker.perform(task), [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function startSideOn(side: Side, url: string, environment: Readonly<Record<string, string>>): Promise<Worker<Task>> {
  const brokerUrl = url.replace('amqp://', 'amqp://guest:guest@');
  return startWorker(`messages/${side}.ts`, { BROKER_URL: brokerUrl, ...environment });
}

async function startBroker(name: string, start: StartBroker): Promise<Broker> {
  const server = await start();
  if (!server) throw new Error(`Cannot measure: there is no ${name}. Debian has it as rabbitmq-server, nats-server`);
  return server;
}
