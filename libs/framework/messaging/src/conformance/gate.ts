/** A promise that a case resolves. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** Numbers from 1 to `count`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Rejects unless the work rejects with a `ServiceError` of this code and reason; gives what it threw. */
export async function failure(
  work: Promise<unknown>,
  code: string,
  reason?: string,
): Promise<Error & { details?: Record<string, unknown> }> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  const got = thrown as (Error & { code?: string; reason?: string; details?: Record<string, unknown> }) | undefined;
  if (got?.code === code && (reason === undefined || got.reason === reason)) return got;
  const shown = got === undefined ? 'it went well' : `${got.code ?? got.name} ${got.reason ?? ''}: ${got.message}`;
  throw new Error(`Expected ${code} ${reason ?? ''}, got ${shown}`, { cause: thrown });
}
