import { untilAborted } from '@org/context';

/** Does works side by side, no more than so many at once, and no two of one name. */
export interface Turns {
  /** Begins when it is its turn; rejects without beginning when the signal aborts before. */
  take<Result>(name: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

/**
 * Bounds what waits for the file system: a volume that hangs keeps a thread of the process for each call, and there are four of
 * them for everything, look-ups of hosts included.
 */
export function createTurns(most: number): Turns {
  const running = new Map<string, Promise<unknown>>();
  return {
    async take(name, signal, work) {
      while (running.has(name) || running.size >= most) {
        await untilAborted(signal, () => running.get(name) ?? Promise.race(running.values()));
      }
      const result = work();
      const ended = result.then(
        () => running.delete(name),
        () => running.delete(name),
      );
      running.set(name, ended);
      return result;
    },
  };
}
