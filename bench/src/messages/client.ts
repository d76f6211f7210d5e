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

/** What it took, or what went wrong. */
export interface Done {
  readonly error?: string;
  /** Milliseconds on the clock. */
  readonly elapsedMs: number;
  /** Microseconds of CPU of all threads. */
  readonly cpuUs: number;
  /** Bytes that the process holds in memory at the end. */
  readonly residentBytes: number;
}

/** Does what the driver asks for, one task at a time. */
export function serveTasks(clientFor: (bytes: number) => Client | Promise<Client>): void {
  process.on('message', (task: Task) => {
    void perform(clientFor, task).then(
      (done) => process.send!(done),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.send!('ready');
}

async function perform(clientFor: (bytes: number) => Client | Promise<Client>, task: Task): Promise<Done> {
  const { operation, count, bytes } = task;
  const client = await clientFor(bytes);
  return operation === 'publish' ? publishAll(client, count) : consumeAll(client, count);
}

async function publishAll(client: Client, count: number): Promise<Done> {
  let begun = 0;
  const stop = measure();
  const sender = async () => {
    while (begun++ < count) await client.publish();
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  return stop();
}

/** From the first message to the last, so that the time to begin does not count. */
async function consumeAll(client: Client, count: number): Promise<Done> {
  const ending = new AbortController();
  let seen = 0;
  let stop: (() => Done) | undefined;
  let done: Done | undefined;
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

function measure(): () => Done {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const elapsedMs = performance.now() - startedAt;
    return { elapsedMs, cpuUs: user + system, residentBytes: process.memoryUsage.rss() };
  };
}
