/** Waits for a condition to be told, no longer than the signal, and says which of both it was. */
export function until<Told>(
  signal: AbortSignal,
  tell: (resolve: (told: Told) => void) => () => void,
): Promise<{ readonly told: Told } | undefined> {
  return new Promise((resolve) => {
    let forget = (): void => {};
    const end = (outcome: { readonly told: Told } | undefined) => {
      signal.removeEventListener('abort', onAbort);
      forget();
      resolve(outcome);
    };
    const onAbort = () => end(undefined);
    if (signal.aborted) return resolve(undefined);
    signal.addEventListener('abort', onAbort);
    forget = tell((told) => end({ told }));
  });
}

/** Waits for work that never rejects, or for the signal. */
export function settledOr(signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', end);
    work.then(end, end);
  });
}
