/**
 * Gives what the work gives, or rejects with the signal's reason as soon as it aborts, also when the work does not heed
 * the signal. What such work gives later is let go. With a signal that has aborted, the work does not begin.
 */
export async function untilAborted<Result>(signal: AbortSignal, work: () => Promise<Result> | Result): Promise<Result> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    // Each message comes by here, and `Promise.race` costs more.
    Promise.resolve(work()).then(resolve, reject);
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Resolves after so many milliseconds, or as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
