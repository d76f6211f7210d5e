/** Waits for `work` for so long at most, and gives what went wrong, if anything did. Never rejects. */
export async function within(work: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it was given ${timeoutMs} ms, and they are over`)), timeoutMs);
  try {
    await Promise.race([work, timeout]);
    return undefined;
  } catch (error) {
    return error ?? new Error('it failed without a reason');
  } finally {
    clearTimeout(timer);
  }
}
