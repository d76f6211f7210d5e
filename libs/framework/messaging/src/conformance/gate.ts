/** A promise that a case resolves. */
export interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** A place where work halts until it is told to go on, or the case has ended. */
export interface Halt {
  readonly halt: () => Promise<void>;
  /** Resolves when work has got there. */
  readonly halted: Promise<void>;
  readonly goOn: () => void;
}

export function createHalt(ended: Promise<void>): Halt {
  const [reached, gate] = [createGate(), createGate()];
  const halt = () => {
    reached.open();
    return Promise.race([gate.opened, ended]);
  };
  return { halt, halted: reached.opened, goOn: gate.open };
}

/** Numbers from 1 to `count`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** The numbers of messages, in the order in which they were handled. */
export function numbersOf(got: readonly { readonly data: { readonly number: number } }[]): number[] {
  return got.map(({ data }) => data.number);
}

/** The same, in their own order. */
export function sortedNumbersOf(got: Parameters<typeof numbersOf>[0]): number[] {
  return numbersOf(got).sort((a, b) => a - b);
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
