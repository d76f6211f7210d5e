type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
type Fields = Readonly<Record<string, unknown>>;

interface LogMethod {
  (message: string): void;
  (fields: Fields, message: string): void;
}

/** One line as the code wrote it, with the fields of the loggers that it went through. */
export interface CollectedLine {
  readonly level: Level;
  readonly message: string;
  readonly fields: Fields;
  /** The name of the logger; `undefined` for the first one. */
  readonly logger: string | undefined;
}

/** A logger as `@org/logging` defines it, which keeps its lines. */
export interface CollectingLogger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  child(fields: Fields): CollectingLogger;
  named(name: string): CollectingLogger;
  /** All lines in order, those of its children included; the last 10 000. */
  readonly lines: readonly CollectedLine[];
}

const most = 10_000;

/** Makes a logger that writes nothing and keeps what it was given, for tests to look at. */
export function collectLogger(): CollectingLogger {
  return loggerInto([], {}, undefined);
}

function loggerInto(lines: CollectedLine[], inherited: Fields, logger: string | undefined): CollectingLogger {
  const at =
    (level: Level): LogMethod =>
    (first: Fields | string, second?: string) => {
      const [fields, message] = typeof first === 'string' ? [{}, first] : [first, second ?? ''];
      lines.push({ level, message, fields: { ...inherited, ...fields }, logger });
      if (lines.length > most) lines.shift();
    };
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => loggerInto(lines, { ...inherited, ...fields }, logger),
    named: (name) => loggerInto(lines, inherited, name),
    lines,
  };
}
