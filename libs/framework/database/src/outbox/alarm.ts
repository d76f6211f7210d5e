/** Wakes one who sleeps. Whoever is woken before falling asleep does not sleep. */
export interface Alarm {
  readonly ring: () => void;
  /** Whether somebody rang since it was last seen. */
  readonly rings: boolean;
  /** Goes on as if nobody had rung. */
  reset(): void;
  /** Resolves after so many milliseconds, or as soon as somebody rings. */
  sleep(ms: number): Promise<void>;
}

export function createAlarm(): Alarm {
  let rings = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rings = true;
      wake?.();
    },
    get rings() {
      return rings;
    },
    reset: () => void (rings = false),
    sleep(ms) {
      return new Promise((resolve) => {
        // Others have a turn in any case: an engine in this process answers without one.
        if (rings) return void setImmediate(resolve);
        const end = () => {
          clearTimeout(timer);
          wake = undefined;
          resolve();
        };
        const timer = setTimeout(end, ms);
        wake = end;
      });
    },
  };
}
