import { ServiceError } from '@org/errors';

/**
 * A signal that aborts with the first of its sources, or when the time is over. Disposed, it lets go of both.
 *
 * `AbortSignal.any` does not do here: while anybody listens to its result, every source keeps that result alive, and
 * some sources (a service's own signal) live as long as the process.
 */
export function createCallSignal(
  sources: readonly AbortSignal[],
  timeoutMs: number | undefined,
): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const letGo = () => {
    clearTimeout(timer);
    for (const source of sources) source.removeEventListener('abort', follow);
  };
  const abort = (reason: unknown) => {
    letGo();
    controller.abort(reason);
  };
  function follow(this: AbortSignal): void {
    abort(this.reason);
  }

  const aborted = sources.find((source) => source.aborted);
  if (aborted) abort(aborted.reason);
  else if (timeoutMs === 0) abort(deadlineExceeded(timeoutMs));
  else {
    for (const source of sources) source.addEventListener('abort', follow);
    if (timeoutMs !== undefined) timer = setTimeout(() => abort(deadlineExceeded(timeoutMs)), timeoutMs).unref();
  }
  return { signal: controller.signal, [Symbol.dispose]: letGo };
}

/** The reason of a call's signal when its time is over. */
export function deadlineExceeded(timeoutMs: number): ServiceError {
  const message = `The call was given ${timeoutMs} ms, and they are over`;
  return new ServiceError('deadline_exceeded', message, { reason: 'DEADLINE_EXCEEDED' });
}
