import { measure, repeat, serveTasks, type Taken } from '../tasks.ts';

/** How one side sends and takes messages. */
export interface Client {
  /** Sends one message, and resolves when the broker has it safely. */
  publish(): Promise<unknown>;
  /** Takes messages, each acknowledged after `seen` was called, until `signal` aborts; then resolves. */
  consume(seen: () => void, signal: AbortSignal): Promise<void>;
}

/** How many messages wait for their confirmation, and how many are taken before the first is acknowledged. */
export const [inFlight, prefetch] = [200, 100];

/** What a worker is asked over its channel to the driver. */
export interface Task {
  readonly operation: 'publish' | 'consume';
  readonly count: number;
  readonly bytes: number;
}

/** Does what the driver asks for, one task at a time. */
export function serveClients(clientFor: (bytes: number) => Client | Promise<Client>): void {
  serveTasks<Task>((task) => perform(clientFor, task));
}

async function perform(clientFor: (bytes: number) => Client | Promise<Client>, task: Task): Promise<Taken> {
  const { operation, count, bytes } = task;
  const client = await clientFor(bytes);
  return operation === 'publish' ? publishAll(client, count) : consumeAll(client, count);
}

async function publishAll(client: Client, count: number): Promise<Taken> {
  const stop = measure();
  await repeat(count, inFlight, () => client.publish());
  return stop();
}

/** From the first message to the last, so that the time to begin does not count. */
async function consumeAll(client: Client, count: number): Promise<Taken> {
  const ending = new AbortController();
  let seen = 0;
  let stop: (() => Taken) | undefined;
  let done: Taken | undefined;
  const timer = setTimeout(() => ending.abort(), 120_000);
  await client.consume(() => {
    seen += 1;
    stop ??= measure();
    if (seen !== count) return;
    done = stop();
    ending.abort();
  }, ending.signal);
  clearTimeout(timer);
  if (!done) throw new Error(`Cannot measure: ${seen} of ${count} messages came within two minutes`);
  return done;
}
