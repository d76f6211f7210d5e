import type { Clock } from './clock.ts';

/** Work that is done again and again, never twice at once. */
export interface Repeated {
  /** Does it soon, whatever the time; when it is being done, once more after that. */
  readonly now: () => void;
  readonly stop: () => void;
}

/**
 * Does work again after as long as it says each time.
 *
 * @param work Told whether its time has come, or whether somebody asked. Gives how long to wait, in milliseconds. Never rejects.
 */
export function repeat(clock: Clock, firstMs: number, work: (isDue: boolean) => Promise<number>): Repeated {
  let running = false;
  let again = false;
  let stopped = false;
  let cancel = () => {};

  const schedule = (ms: number) => {
    if (!stopped) cancel = clock.after(ms, () => void turn(true));
  };
  const turn = async (isDue: boolean): Promise<void> => {
    if (running) again = true;
    if (running || stopped) return;
    running = true;
    cancel();
    let waitMs = await work(isDue);
    while (again && !stopped) {
      again = false;
      waitMs = await work(false);
    }
    running = false;
    schedule(waitMs);
  };
  schedule(firstMs);
  return {
    now: () => void turn(false),
    stop() {
      stopped = true;
      cancel();
    },
  };
}
