import type { FormatName } from './formats.ts';
import type { Level } from './logger.ts';
import type { Formatter, LogRecord } from './record.ts';

/** Where lines go besides the console and the file: to a test, a ring buffer, a log shipper. */
export interface LogHandler {
  /** Its name in `counts.droppedBy`; neither `console` nor `file`. */
  readonly name: string;
  /** It takes lines of this level and of those after it. Default: all that the loggers write. */
  readonly level?: Level;
  /** Default: `json`. */
  readonly format?: FormatName | Formatter;
  /** Takes one line, with its line feed, at once. What it throws, or rejects with, loses the line and is counted. */
  write(line: string, record: LogRecord): unknown;
  /** Writes out what it holds back; called by `flush()`, and when the process exits. */
  flush?(): void;
  /** Called by `reopen()`. */
  reopen?(): void;
  /** Ends it; no line comes after. Given 5 seconds. */
  close?(): void | Promise<void>;
}

/** A handler as lines are handed to it. None of its functions throws. */
export interface Outlet {
  /** The rank of the level from which on it takes lines. */
  readonly rank: number;
  readonly format: Formatter;
  put(line: string, record: LogRecord, rank: number): void;
  flush(): void;
  /** Writes out what is left, and from now on each line at once. */
  holdNothing(): void;
  reopen(): void;
  close(): void | Promise<void>;
}

/** Told what became of lines: that some were lost and why, or that some got through. */
export type Outcome = (lost?: { readonly lines: number; readonly error: unknown }) => void;
