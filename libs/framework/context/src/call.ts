import { createCallSignal } from './call-signal.ts';

/** Who makes a call, as an authentication established it. */
export interface Identity {
  /** The stable id of the caller, such as a token's `sub` (RFC 7519 section 4.1.2). */
  readonly subject: string;
  /** What the caller may do, such as a token's `scope` (RFC 8693 section 4.2). */
  readonly scopes: readonly string[];
  /** Whatever else the authentication vouches for. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** One unit of work on behalf of somebody: a request, a message, a run of a job. */
export interface Call {
  readonly requestId: string;
  /** Aborts when the time is over or the caller is gone; its reason is a `ServiceError` when the time is over. */
  readonly signal: AbortSignal;
  /** The moment when the time is over, on the clock of `performance.now()`; `undefined` when nobody set one. */
  readonly deadline: number | undefined;
  readonly identity: Identity | undefined;
}

export interface CallOptions {
  /** Default: the parent's, else a random UUID. */
  requestId?: string;
  /** How long the call may take in all, in milliseconds, from 0 to 2 147 483 647. A parent's earlier deadline holds. */
  timeoutMs?: number;
  /** Aborts the call, for instance when the client is gone. */
  signal?: AbortSignal;
  /** Default: the parent's. */
  identity?: Identity;
  /** The call on whose behalf this one is made. */
  parent?: Call;
}

const longestTimeoutMs = 2 ** 31 - 1;

/**
 * Makes a call. Dispose it when its work is done: then its timer ends, its signal no longer follows any other, and
 * stays as it is.
 *
 * @throws {RangeError} when `timeoutMs` is not from 0 to 2 147 483 647, the longest that a timer can wait.
 */
export function createCall(options: CallOptions = {}): Call & Disposable {
  const { parent, timeoutMs } = options;
  if (timeoutMs !== undefined && !(timeoutMs >= 0 && timeoutMs <= longestTimeoutMs)) {
    throw new RangeError(`Expected \`timeoutMs\` to be from 0 to ${longestTimeoutMs}, got \`${timeoutMs}\``);
  }
  const own = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
  const inherited = parent?.deadline;
  const ownIsEarlier = own !== undefined && (inherited === undefined || own < inherited);

  const sources: AbortSignal[] = [];
  if (parent) sources.push(parent.signal);
  if (options.signal) sources.push(options.signal);
  // The parent's signal already stands for the parent's deadline, so only an earlier one needs a timer.
  const { signal, [Symbol.dispose]: dispose } = createCallSignal(sources, ownIsEarlier ? timeoutMs : undefined);
  return {
    requestId: options.requestId ?? parent?.requestId ?? crypto.randomUUID(),
    signal,
    deadline: ownIsEarlier ? own : inherited,
    identity: options.identity ?? parent?.identity,
    [Symbol.dispose]: dispose,
  };
}

/** The time that a call has left in whole milliseconds, 0 when it is over, `undefined` when it has no deadline. */
export function remainingMs(call: Call | undefined): number | undefined {
  return call?.deadline === undefined ? undefined : Math.max(0, Math.floor(call.deadline - performance.now()));
}
