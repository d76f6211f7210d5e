import type { CheckKind } from '@org/health';
import type { OpsHandler } from './ops.ts';

/** What a resource depends on, as readiness reports it. */
export type ResourceKind = CheckKind;

/**
 * What was opened and must be closed. The kernel watches and closes whatever an opener gives to it;
 * a library satisfies the type without importing the kernel.
 */
export interface Resource extends AsyncDisposable {
  readonly kind?: ResourceKind;
  /** Whether the service is not ready while the check fails; `false` only degrades it. Default: `true`. */
  readonly critical?: boolean;
  /** Rejects when the resource cannot do its work. Must end soon after the signal aborts. */
  check?(signal: AbortSignal): Promise<void>;
  /**
   * Takes on no new work and waits for what is in flight. When the signal aborts the time is over: it ends then,
   * abandoning what is left. Called once, before any resource that was opened earlier is drained or closed.
   */
  drain?(signal: AbortSignal): Promise<void>;
  /** Handlers that the ops port gets. */
  readonly ops?: readonly OpsHandler[];
  /** Where a person finds this resource, by what it is: `{ API: 'http://localhost:3000' }`. Shown when the service is ready. */
  readonly links?: Readonly<Record<string, string>>;
  /** Gives back all that the resource holds. Called once, after `drain`, in the reverse order of opening. */
  [Symbol.asyncDispose](): Promise<void>;
}
