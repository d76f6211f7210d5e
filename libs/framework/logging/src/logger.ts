/** The names of the levels, from the most to the least talkative; `silent` writes nothing. */
export const levelNames = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** One of the levels: a logger writes the lines of its own level and of those after it. */
export type Level = (typeof levelNames)[number];

/** Writes one line: a message, or fields and a message. An error goes into the field `err`. */
export interface LogMethod {
  (message: string): void;
  (fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Where code says what happens. Structural, so that a test can pass a plain object. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** The same logger with fields that every line carries. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
  /** A logger of its own name (`logger` in the line), whose level can be set alone while the service runs. */
  named(name: string): Logger;
}
