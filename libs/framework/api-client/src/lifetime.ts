/** How long an answer is read that is a stream: longer than the attempt that began it. */
export interface Lifetime {
  readonly signal: AbortSignal;
  /** The head of the answer is here: the time of the attempt no longer counts. */
  outliveAttempt(): void;
  /** Ends it, and lets go of what it followed. */
  end(reason: Error): void;
}

/** Follows the attempt until the head of its answer is here, and `sources` (the caller, the current call) to the end. */
export function createLifetime(attempt: AbortSignal, sources: readonly AbortSignal[]): Lifetime {
  const controller = new AbortController();
  function follow(this: AbortSignal): void {
    end(this.reason as Error);
  }
  function end(reason: Error): void {
    for (const source of [attempt, ...sources]) source.removeEventListener('abort', follow);
    controller.abort(reason);
  }
  const aborted = [attempt, ...sources].find((source) => source.aborted);
  if (aborted) end(aborted.reason as Error);
  else for (const source of [attempt, ...sources]) source.addEventListener('abort', follow);
  return { signal: controller.signal, outliveAttempt: () => attempt.removeEventListener('abort', follow), end };
}
