/** What a check found: it works; it works less well; it does not. */
export type Status = 'ok' | 'degraded' | 'failed';

/** What a dependency is, as readiness reports it. */
export type CheckKind = 'datastore' | 'messaging' | 'cloud' | 'secrets';

/** One thing to look at. */
export interface Check {
  readonly name: string;
  readonly kind?: CheckKind;
  /** Whether the service is not ready while the check fails; `false` only degrades it. Default: `true`. */
  readonly critical?: boolean;
  /** Rejects when the thing does not work. Must end soon after the signal aborts. */
  check(signal: AbortSignal): Promise<void>;
}

/** The last result of one check. */
export interface CheckResult {
  readonly status: Status;
  readonly kind?: CheckKind;
  /** How long the check took, in milliseconds. */
  readonly durationMs: number;
  /** Why it failed, without secrets. */
  readonly reason?: string;
}

/** The answer of a probe: `checks` by name. */
export interface Report {
  readonly status: Status;
  /** Why, where no check says so: `starting`, `stopping`, `the event loop has stalled`. */
  readonly reason?: string;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** A change of a check's status. */
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
  /** Never looks at dependencies: failed only when the process itself is beyond help. */
  liveness(): Report;
  /** Runs the checks, or shares a run that is under way or recent. */
  readiness(): Promise<Report>;
  startup(): Report;
  /** The last changes, newest first, at most 50. */
  changes(): readonly Change[];
}
