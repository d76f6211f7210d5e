/** Runs work of one key in the order in which it was given, and that of different keys side by side. */
export interface Lanes {
  run<Result>(key: string | undefined, work: () => Promise<Result>): Promise<Result>;
}

/** Makes lanes; a key is remembered for as long as it has work. What has no key is in no lane. */
export function createLanes(): Lanes {
  const ends = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      if (key === undefined) return work();
      const before = ends.get(key);
      const running = before === undefined ? work() : before.then(work, work);
      ends.set(key, running);
      const leave = () => {
        if (ends.get(key) === running) ends.delete(key);
      };
      running.then(leave, leave);
      return running;
    },
  };
}
