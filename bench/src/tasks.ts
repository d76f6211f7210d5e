/** What a piece of work took. */
export interface Taken {
  /** Milliseconds on the clock. */
  readonly elapsedMs: number;
  /** Microseconds of CPU of all threads. */
  readonly cpuUs: number;
  /** Bytes that the process holds in memory at the end. */
  readonly residentBytes: number;
}

/** What it took, or what went wrong. */
export type Done = Taken & { readonly error?: string };

/** Does what the driver of a benchmark asks for over its channel, one task at a time. */
export function serveTasks<Task>(perform: (task: Task) => Promise<Taken>): void {
  process.on('message', (task: Task) => {
    void perform(task).then(
      (done) => process.send!(done),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.send!('ready');
}

/** Begins to measure; gives what ends it. */
export function measure(): () => Taken {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const elapsedMs = performance.now() - startedAt;
    return { elapsedMs, cpuUs: user + system, residentBytes: process.memoryUsage.rss() };
  };
}

/** Does a work so many times, so many at once. */
export async function repeat(count: number, atOnce: number, work: () => Promise<unknown>): Promise<void> {
  let begun = 0;
  const caller = async () => {
    while (begun++ < count) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
}
