/** Waits for one thing after the other, each until a signal aborts. */
export interface Interruptible extends Disposable {
  /** @throws the signal's reason, or whatever the work throws. */
  wait<Result>(work: PromiseLike<Result>): Promise<Result>;
}

/** One listener does for all that is waited for, so that a long series of waits does not pile up at the signal. */
export function createInterruptible(signal: AbortSignal): Interruptible {
  let interrupt: ((reason: unknown) => void) | undefined;
  const onAbort = () => interrupt?.(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    wait: (work) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) reject(signal.reason as Error);
        interrupt = reject;
        work.then(resolve, reject);
      }),
    [Symbol.dispose]: () => signal.removeEventListener('abort', onAbort),
  };
}
