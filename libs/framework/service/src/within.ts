/** What came of waiting: the work's own end, or the end of the wait. */
export type Waited<Value> = { ended: true; value: Value } | { ended: false };

/**
 * Waits for `work`, at most `timeoutMs` (`Infinity`: without a timer) and no longer than until `signal` aborts. The work itself goes on.
 * Rejects when the work does while it is waited for; a later rejection counts as handled.
 */
export async function within<Value>(
  work: Promise<Value>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Waited<Value>> {
  const { promise: over, resolve } = Promise.withResolvers<{ ended: false }>();
  const giveUp = () => resolve({ ended: false });
  const timer = timeoutMs === Infinity ? undefined : setTimeout(giveUp, Math.max(0, timeoutMs));
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await Promise.race([work.then((value) => ({ ended: true as const, value })), over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
