import type { Level } from './logger.ts';

/** Names and what is under them. */
export type Fields = Readonly<Record<string, unknown>>;

/** The levels that a line can have. */
export type LineLevel = Exclude<Level, 'silent'>;

/** One line before it is formatted. All texts in it are safe to print but for control characters. */
export interface LogRecord {
  readonly level: LineLevel;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The name of the logger; `undefined` for the first one. */
  readonly logger: string | undefined;
  readonly message: string;
  /** What the logger and the running call add: bound fields, `trace_id`, `span_id`, `request_id`. */
  readonly context: Fields;
  /** What the caller gave, which goes before a field of the same name in `context`. Valid until the call returns. */
  readonly fields: Fields;
  /** Whether `fields` are flat and of plain texts, with no name that a line of JSON has already. */
  readonly plain: boolean;
}

/** Makes one line of a record, with its line feed. */
export type Formatter = (record: LogRecord) => string;

/** Whose lines they are. */
export interface LoggedService {
  readonly name: string;
  readonly version: string;
}
