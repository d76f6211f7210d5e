/** What of time and chance a store uses; tests give their own. */
export interface Clock {
  /** Milliseconds since the epoch, on a clock that never goes back. */
  now(): number;
  /** Does the work once, after so many milliseconds, however many. Does not keep the process alive. Gives what calls it off. */
  after(ms: number, work: () => void): () => void;
  /** From 0 up to, but not including, 1. */
  random(): number;
}

/** What a timer of Node takes at most; anything longer fires at once. */
const longestMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, work) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const stepMs = Math.min(leftMs, longestMs);
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : work()), stepMs).unref();
    };
    wait(Math.max(0, ms));
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
