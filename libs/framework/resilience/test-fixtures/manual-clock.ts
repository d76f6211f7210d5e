import type { Clock } from '../src/clock.ts';

/** A clock that goes on when somebody waits on it or sets it, and on which all chances come out the same. */
export function manualClock({ chance = 0.5 } = {}): Clock & { time: number; readonly pauses: number[] } {
  const clock = {
    time: 0,
    pauses: [] as number[],
    now: () => clock.time,
    random: () => chance,
    async wait(ms: number, signal: AbortSignal) {
      signal.throwIfAborted();
      clock.pauses.push(ms);
      clock.time += ms;
    },
  };
  return clock;
}
