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
    for (const source of sources) stopFollowing(source, abort);
  };
  const abort = (reason: unknown) => {
    letGo();
    controller.abort(reason);
  };

  const aborted = sources.find((source) => source.aborted);
  if (aborted) abort(aborted.reason);
  else if (timeoutMs === 0) abort(deadlineExceeded(timeoutMs));
  else {
    for (const source of sources) startFollowing(source, abort);
    if (timeoutMs !== undefined) timer = setTimeout(() => abort(deadlineExceeded(timeoutMs)), timeoutMs).unref();
  }
  return { signal: controller.signal, [Symbol.dispose]: letGo };
}

type Follow = (reason: unknown) => void;

/** Who follows each signal: a set under one listener, since a signal looks through all of its listeners to take one off. */
const followers = new WeakMap<AbortSignal, { readonly all: Set<Follow>; readonly tell: () => void }>();

function startFollowing(source: AbortSignal, follow: Follow): void {
  let found = followers.get(source);
  if (!found) {
    const all = new Set<Follow>();
    const tell = () => {
      for (const each of [...all]) each(source.reason);
    };
    found = { all, tell };
    followers.set(source, found);
  }
  if (found.all.size === 0) source.addEventListener('abort', found.tell);
  found.all.add(follow);
}

function stopFollowing(source: AbortSignal, follow: Follow): void {
  const found = followers.get(source);
  if (found?.all.delete(follow) && found.all.size === 0) source.removeEventListener('abort', found.tell);
}

/** The reason of a call's signal when its time is over. */
export function deadlineExceeded(timeoutMs: number): ServiceError {
  const message = `The call was given ${timeoutMs} ms, and they are over`;
  return new ServiceError('deadline_exceeded', message, { reason: 'DEADLINE_EXCEEDED' });
}
