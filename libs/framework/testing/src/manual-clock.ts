import { setImmediate as nextTurn } from 'node:timers/promises';

/** A clock that stands still until a test moves it on. */
export interface ManualClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Does the work once, when the clock has come so far. Gives what calls it off. */
  after(ms: number, work: () => void): () => void;
  /** Always the same number. */
  random(): number;
  /**
   * Moves the clock on, and does what is due on the way in its order. Between two of them it lets promises and what other
   * parts of this process have ready go on, so that work which waits for another timer has asked for it.
   */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
}

export interface ManualClockOptions {
  /** Where it starts. Default: the first of January 2026. */
  readonly startAt?: Date;
  /** What `random` gives. Default: 0. */
  readonly random?: number;
}

/** Makes a clock for what takes its time from outside: leases that run out, ages, delays. */
export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  const { startAt = new Date('2026-01-01T00:00:00Z'), random = 0 } = options;
  let now = startAt.getTime();
  const timers = new Set<{ readonly at: number; readonly work: () => void }>();
  const nextUntil = (end: number) => {
    const due = [...timers].filter(({ at }) => at <= end);
    return due.reduce<(typeof due)[number] | undefined>(
      (first, each) => (first && first.at <= each.at ? first : each),
      undefined,
    );
  };
  return {
    now: () => now,
    after(ms, work) {
      const timer = { at: now + Math.max(0, ms), work };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    random: () => random,
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settle();
        const timer = nextUntil(end);
        if (!timer) break;
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.work();
      }
      now = end;
    },
    get waiting() {
      return timers.size;
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}
