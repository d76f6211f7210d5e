/** So many may go in at once; the others wait in the order in which they came. */
export interface Slots {
  /** What gives a slot back, to be called once; `undefined` where none is free. */
  tryTake(): (() => void) | undefined;
  /** Resolves with what gives the slot back, to be called once. Rejects with the reason when the signal aborts first. */
  take(signal: AbortSignal): Promise<() => void>;
  readonly used: number;
  readonly waiting: number;
}

export function createSlots(size: number): Slots {
  const queue = new Set<() => void>();
  let used = 0;
  const release = () => {
    const [next] = queue;
    if (!next) return void (used -= 1);
    queue.delete(next);
    next();
  };
  const tryTake = () => {
    if (used >= size) return undefined;
    used += 1;
    return release;
  };
  return {
    tryTake,
    async take(signal) {
      signal.throwIfAborted();
      const taken = tryTake();
      if (taken) return taken;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = () => {
        if (queue.delete(resolve)) reject(signal.reason);
      };
      queue.add(resolve);
      signal.addEventListener('abort', abort);
      try {
        await promise;
        return release;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    get used() {
      return used;
    },
    get waiting() {
      return queue.size;
    },
  };
}
