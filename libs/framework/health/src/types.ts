/**
 * How a thing is: it works; it works less well; it does not. A critical check that fails is `failed`, any other that
 * fails is `degraded`; a report is as bad as the worst of its checks.
 */
export type Status = 'ok' | 'degraded' | 'failed';

/** What a dependency is, as readiness reports it. */
export type CheckKind = 'datastore' | 'messaging' | 'cloud' | 'secrets' | 'service';

/** One thing to look at. */
export interface Check {
  /** Letters, digits, `.`, `_` and `-`, at most 63: it is part of a path and a metric's attribute. */
  readonly name: string;
  readonly kind?: CheckKind;
  /** Whether the service is not ready while the check fails; `false` only degrades it. Default: `true`. */
  readonly critical?: boolean;
  /**
   * Rejects when the thing does not work. Must end soon after the signal aborts: it is not run again before it has ended.
   * Callers of probes see the message of a `ServiceError`; of any other error only its code or name, since a foreign
   * message may hold a secret.
   */
  check(signal: AbortSignal): Promise<void>;
}

/** The last result of one check. */
export interface CheckResult {
  readonly status: Status;
  readonly kind?: CheckKind;
  /** How long the check took, in milliseconds. */
  readonly durationMs: number;
  /** Why it failed, without secrets; at most 300 characters. */
  readonly reason?: string;
}

/** The answer of a probe: `checks` by name. */
export interface Report {
  readonly status: Status;
  /** Why, where no check says so: `waiting for database`, `stopping: SIGTERM`, `the event loop stalled for 12 s`. */
  readonly reason?: string;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** A change of a check's status, or of the event loop's (`event-loop`). */
export interface Change {
  /** ISO 8601. */
  readonly time: string;
  readonly check: string;
  readonly from: Status | 'unknown';
  readonly to: Status;
  readonly reason?: string;
}

/** Health, for whoever only reads it. */
export interface HealthReader {
  /** Never looks at dependencies: failed only while the event loop has lately stalled for too long. */
  liveness(): Report;
  /**
   * Runs the checks, or shares a run that is under way or recent. Failed without running any, with their last results,
   * until the service has started and as soon as it begins to stop. Never rejects, and ends within the time-out of a check.
   */
  readiness(): Promise<Report>;
  /** Failed until the service has started, with what it waits for. */
  startup(): Report;
  /** The last changes, newest first, at most 50. */
  changes(): readonly Change[];
}

/** Health, for the kernel: who is watched, and which phase of its life the service is in. */
export interface Health extends HealthReader, AsyncDisposable {
  /**
   * Watches a thing from now on. The function that it returns ends that, and aborts a run that is under way.
   *
   * @throws {TypeError} when the name is malformed or already taken.
   */
  add(check: Check): () => void;
  /** Names what the start waits for, as in `waiting for database`; `undefined` when nothing in particular. */
  waitingFor(what: string | undefined): void;
  /** The start is over: from now on readiness runs the checks. */
  started(): void;
  /** The stop begins: from now on the service is not ready. The first reason holds. */
  stopping(reason: string): void;
}
