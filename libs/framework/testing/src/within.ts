/** Waits for the work, which must not reject, but no longer than the time. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([work, over]);
  clearTimeout(timer);
}
