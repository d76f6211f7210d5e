import { countDropped, createCounts, type LogCounts } from './counts.ts';
import { createLogger } from './create-logger.ts';
import { deliver } from './deliver.ts';
import type { LogHandler, Outcome, Outlet } from './handler.ts';
import { createLevels, rankOf } from './levels.ts';
import type { Level, Logger } from './logger.ts';
import { openOutlets } from './open-outlets.ts';
import type { LineLevel, LoggedService, LogRecord } from './record.ts';
import { createRepeatLimit } from './repeat-limit.ts';
import { createSafeFields } from './safe-fields.ts';
import type { LoggingSettings } from './settings.ts';

/** The logs of one service. */
export interface Logging extends AsyncDisposable {
  readonly logger: Logger;
  readonly counts: LogCounts;
  /** The level of a named logger, or without a name of all that have none of their own. */
  level(name?: string): Level;
  /**
   * Sets the level of a named logger and its children, or without a name of all that have none of their own: for good,
   * or for `forMs` milliseconds (1 to 2 147 483 647), after which the level is what it was, and a line says so.
   *
   * @throws {TypeError} when `level` is no level.
   * @throws {RangeError} when `forMs` is out of its range.
   * @throws {ServiceError} `not_found` LOGGER_UNKNOWN when no logger has the name; so does `level`.
   */
  setLevel(level: Level, name?: string, options?: { readonly forMs?: number | undefined }): void;
  /** The levels of the named loggers. */
  levels(): Record<string, Level>;
  /** Writes out what is held back, summaries of repeated lines included, and waits until the disk has the file. */
  flush(): void;
  /** Opens the log file anew, after it was moved away. Never throws: what goes wrong is logged. */
  reopen(): void;
  /** Writes out what is held back and closes the handlers but for the console, which then writes each line at once. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Who logs, and where to. */
export interface LoggingOptions {
  readonly service: LoggedService;
  /** Takes the lines in place of standard output, each at once. */
  readonly destination?: { write(line: string): unknown };
  /** Take the lines as well, each with its own level and format. */
  readonly handlers?: readonly LogHandler[];
}

const windowMs = 10_000;

/**
 * Opens the logs. Lines of one turn of the event loop are written together; `warn` and above at once. A handler that
 * cannot take a line loses it, which is counted and said once to the others; a call that logs never throws.
 *
 * @param settings Those of `loggingSettings`; what is left out has the default that the variable has in development,
 *   but for the rotation of the file and the limit of repeated lines, which are off.
 * @throws {ServiceError} `failed_precondition` LOG_FILE_UNUSABLE when the file cannot be opened.
 * @throws {TypeError} when a level is none, or two handlers have one name.
 */
export async function openLogging(settings: Partial<LoggingSettings>, options: LoggingOptions): Promise<Logging> {
  const { service, destination, handlers = [] } = options;
  const counts = createCounts();
  let outlets: readonly Outlet[] = [];

  function write(record: LogRecord, except?: Outlet): void {
    counts.written[record.level] += 1;
    deliver(outlets, record, rankOf(record.level), except);
  }

  /** A line of the logs about themselves. */
  function say(level: LineLevel, fields: Record<string, unknown>, message: string, except?: Outlet): void {
    if (!repeats.admits(level, 'logging', message)) {
      counts.suppressed += 1;
      return;
    }
    write({ level, time: Date.now(), logger: 'logging', message, context: {}, ...safeFields(fields) }, except);
  }

  function watch(handler: string): Outcome {
    let lost: number | undefined;
    return (failure) => {
      if (!failure) {
        if (lost === undefined) return;
        const fields = { handler, lost };
        lost = undefined;
        return say('warn', fields, 'A log handler takes lines again');
      }
      countDropped(counts, handler, failure.lines, failure.error);
      const begins = lost === undefined;
      lost = (lost ?? 0) + failure.lines;
      const fields = { err: failure.error, handler };
      if (begins) say('error', fields, 'A log handler fails and loses lines', byName.get(handler));
    };
  }

  const safeFields = createSafeFields();
  const repeats = createRepeatLimit({
    limit: settings.repeatLimit ?? 0,
    windowMs,
    summarize({ level, logger, message, error, suppressed }) {
      const text = `"${message}" was logged ${suppressed} more times`;
      write({ level, time: Date.now(), logger, message: text, context: {}, ...safeFields({ error, suppressed }) });
    },
  });
  const levels = createLevels(settings.level ?? 'info', (level, name) =>
    say('info', { level, of: name ?? 'all' }, 'The log level is back to what it was'),
  );
  const byName = openOutlets(settings, {
    ...{ service, destination, handlers, watch },
    onTrouble: (message, err) => say('error', { err, file: settings.file }, message),
  });
  outlets = [...byName.values()];

  const logger = createLogger({
    levels,
    safeFields,
    admits(level, name, message, fields) {
      const admitted = repeats.admits(level, name, message, fields);
      if (!admitted) counts.suppressed += 1;
      return admitted;
    },
    write,
  });
  const flush = () => {
    repeats.summarize();
    for (const outlet of outlets) outlet.flush();
  };
  const onExit = () => {
    repeats.close();
    for (const outlet of outlets) outlet.holdNothing();
  };
  process.on('exit', onExit);

  return {
    logger,
    counts,
    level: (name) => levels.level(name),
    setLevel: (level, name, { forMs } = {}) => levels.set(level, name, forMs),
    levels: () => levels.all(),
    flush,
    reopen() {
      for (const outlet of outlets) outlet.reopen();
    },
    async [Symbol.asyncDispose]() {
      levels.close();
      repeats.close();
      await Promise.all(outlets.map(async (outlet) => outlet.close()));
      process.off('exit', onExit);
    },
  };
}
