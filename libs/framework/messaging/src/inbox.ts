/**
 * Sees to it that a message which comes twice is worked on once. Structural: that of a database does the work and the
 * mark in one transaction.
 */
export interface Inbox {
  /**
   * Runs the work unless this consumer has done it for this id; what the work throws goes to the caller, and marks nothing.
   * While the same work runs elsewhere it waits for its end.
   *
   * @param consumer The name of the subscription.
   * @param id The id of the event.
   */
  run(consumer: string, id: string, work: () => Promise<void>): Promise<'done' | 'duplicate'>;
}

export interface MemoryInboxOptions {
  /** How long an id is remembered, in milliseconds. Default: 3 600 000 (an hour). */
  readonly ttlMs?: number;
  /** How many ids are remembered; the oldest goes first. Default: 100 000. */
  readonly maximum?: number;
}

/**
 * An inbox in the memory of this process: it knows nothing after a restart, nor of other replicas.
 *
 * @throws {RangeError} when an option is not a whole number from 1 up.
 */
export function memoryInbox({ ttlMs = 3_600_000, maximum = 100_000 }: MemoryInboxOptions = {}): Inbox {
  for (const [name, value] of Object.entries({ ttlMs, maximum })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`Expected \`${name}\` to be an integer from 1 up, got \`${value}\``);
  }
  // In the order in which work ended, so that the oldest stands first.
  const doneAt = new Map<string, number>();
  const running = new Map<string, Promise<unknown>>();

  function isDone(key: string): boolean {
    const oldest = performance.now() - ttlMs;
    for (const [each, at] of doneAt) {
      if (at > oldest && doneAt.size <= maximum) break;
      doneAt.delete(each);
    }
    return doneAt.has(key);
  }

  return {
    async run(consumer, id, work) {
      const key = `${consumer} ${id}`;
      for (let other = running.get(key); other; other = running.get(key)) await other.catch(() => {});
      if (isDone(key)) return 'duplicate';
      const working = work();
      running.set(key, working);
      try {
        await working;
        doneAt.set(key, performance.now());
        return 'done';
      } finally {
        running.delete(key);
      }
    },
  };
}
