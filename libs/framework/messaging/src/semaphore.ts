/** Runs so much work at a time; the rest waits for its turn, first come, first served. */
export type Semaphore = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** @param limit From 1 up; how many wait is for whoever calls to bound. */
export function createSemaphore(limit: number): Semaphore {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running < limit) running += 1;
    else await new Promise<void>((turn) => waiting.push(turn));
    try {
      return await work();
    } finally {
      // The place goes to the next one without becoming free.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
