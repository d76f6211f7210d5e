import type { LineLevel } from './record.ts';

/** A line that was logged more often than it was written. */
export interface Repeated {
  readonly level: LineLevel;
  readonly logger: string | undefined;
  readonly message: string;
  /** Name, code and reason of its error; `undefined` without one. */
  readonly error: string | undefined;
  /** How often it was not written. */
  readonly suppressed: number;
}

export interface RepeatLimitOptions {
  /** How often a line may be written within a window; 0 is no limit. */
  readonly limit: number;
  readonly windowMs: number;
  /** Called for each line of which some were suppressed, when its window ends. */
  readonly summarize: (repeated: Repeated) => void;
}

export interface RepeatLimit {
  /** Counts a line with the fields that were given for it, and tells whether it may be written. */
  admits(level: LineLevel, logger: string | undefined, message: string, fields?: unknown): boolean;
  /** Summarizes what was suppressed so far, before the windows end. */
  summarize(): void;
  /** The same, and forgets all. No timer is left. */
  close(): void;
}

// Of so many different lines the windows are kept; then the oldest one ends early.
const maximumLines = 1_000;
const maximumCharacters = 200;

interface Window extends Omit<Repeated, 'suppressed'> {
  readonly endsAt: number;
  written: number;
  suppressed: number;
}

/**
 * Limits how often the same line is written: same level, logger, first 200 characters of the message, and name, code
 * and reason of the error. A window begins with the first line of its kind. Only `warn` and `error` are limited: lines below are what the service does, such as
 * its access log, whose message is always the same; and `fatal` comes once.
 */
export function createRepeatLimit({ limit, windowMs, summarize }: RepeatLimitOptions): RepeatLimit {
  // In the order in which the windows end, since all are of one length.
  const windows = new Map<string, Window>();
  let timer: NodeJS.Timeout | undefined;

  function report(window: Window): void {
    const { level, logger, message, error, suppressed } = window;
    if (suppressed === 0) return;
    window.suppressed = 0;
    summarize({ level, logger, message, error, suppressed });
  }

  function end(key: string, window: Window): void {
    windows.delete(key);
    report(window);
  }

  function endThoseBefore(now: number): void {
    for (const [key, window] of windows) {
      if (window.endsAt > now) break;
      end(key, window);
    }
  }

  function onTimer(): void {
    timer = undefined;
    endThoseBefore(performance.now());
    for (const window of windows.values()) if (window.suppressed > 0) return wakeAt(window.endsAt);
  }

  function wakeAt(moment: number): void {
    timer ??= setTimeout(onTimer, Math.max(1, moment - performance.now() + 1)).unref();
  }

  function summarizeAll(): void {
    for (const window of windows.values()) report(window);
  }

  return {
    admits(level, logger, message, fields) {
      if (limit === 0 || (level !== 'warn' && level !== 'error')) return true;
      const now = performance.now();
      endThoseBefore(now);
      const start = message.slice(0, maximumCharacters);
      const error = errorKind(fields);
      const key = `${level} ${logger ?? ''}\n${start}\n${error ?? ''}`;
      const window = windows.get(key);
      if (!window) {
        const [oldest] = windows;
        if (oldest && windows.size >= maximumLines) end(...oldest);
        windows.set(key, { level, logger, message: start, error, endsAt: now + windowMs, written: 1, suppressed: 0 });
        return true;
      }
      if (window.written < limit) {
        window.written += 1;
        return true;
      }
      window.suppressed += 1;
      wakeAt(window.endsAt);
      return false;
    },
    summarize: summarizeAll,
    close() {
      clearTimeout(timer);
      timer = undefined;
      summarizeAll();
      windows.clear();
    },
  };
}

/** What tells an error from others and does not vary with each: its text may. */
function errorKind(fields: unknown): string | undefined {
  try {
    const error = Error.isError(fields) ? fields : (fields as { err?: unknown } | undefined)?.err;
    if (!Error.isError(error)) return undefined;
    const { name, code, reason } = error as Error & { code?: unknown; reason?: unknown };
    return [name, code, reason]
      .filter((part) => typeof part === 'string')
      .join(' ')
      .slice(0, maximumCharacters);
  } catch {
    return undefined;
  }
}
