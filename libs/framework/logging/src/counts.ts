import type { LineLevel } from './record.ts';

/** What logging has done so far, for metrics to observe. */
export interface LogCounts {
  /** Lines that were logged, by level, whatever became of them. */
  readonly written: Readonly<Record<LineLevel, number>>;
  /** Lines that were one too many of their kind, and are in a summary. */
  readonly suppressed: number;
  /** Lines that a handler could not take, each counted for each such handler. */
  readonly dropped: number;
  /** The same by the handler's name and the reason: an error code such as `ENOSPC`, `EPIPE`, `EAGAIN`, or `OTHER`. */
  readonly droppedBy: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

type Open<Value> = Value extends object ? { -readonly [Name in keyof Value]: Open<Value[Name]> } : Value;

/** Counts as they are kept. */
export type OpenCounts = Open<LogCounts>;

const maximumReasons = 20;

/** Makes counts that begin at nothing. */
export function createCounts(): OpenCounts {
  const written = { trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 };
  return { written, suppressed: 0, dropped: 0, droppedBy: {} };
}

/** Counts lines that a handler could not take. */
export function countDropped(counts: OpenCounts, handler: string, lines: number, error: unknown): void {
  counts.dropped += lines;
  const reasons = (counts.droppedBy[handler] ??= {});
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const named = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : 'OTHER';
  const reason = named in reasons || Object.keys(reasons).length < maximumReasons ? named : 'OTHER';
  reasons[reason] = (reasons[reason] ?? 0) + lines;
}
