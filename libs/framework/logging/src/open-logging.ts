import { isatty } from 'node:tty';
import { createConsoleHandler, loadPrettyFormatter } from './console-handler.ts';
import { createLogger } from './create-logger.ts';
import { createEncoder, type LineLevel } from './encoder.ts';
import { openFileHandler } from './file-handler.ts';
import type { Handler } from './handler.ts';
import { createLevels } from './levels.ts';
import type { Level, Logger } from './logger.ts';
import type { LoggingSettings } from './settings.ts';

/** What logging has done so far, for metrics to observe. */
export interface LogCounts {
  /** Lines, by level. */
  readonly written: Readonly<Record<LineLevel, number>>;
  /** Lines that the console or the file could not take. */
  readonly dropped: number;
}

/** The logs of one service. */
export interface Logging extends AsyncDisposable {
  readonly logger: Logger;
  readonly counts: LogCounts;
  /** The level of a named logger, or without a name of all that have none of their own. */
  level(name?: string): Level;
  /**
   * Sets the level of a named logger and its children, or without a name of all that have none of their own.
   *
   * @throws {TypeError} when `level` is no level.
   * @throws {ServiceError} `not_found` LOGGER_UNKNOWN when no logger has the name; so does `level`.
   */
  setLevel(level: Level, name?: string): void;
  /** The levels of the named loggers. */
  levels(): Record<string, Level>;
  /** Waits until the disk has the lines of the file. Lines are written before the call that logs them returns. */
  flush(): void;
  /** Opens the log file anew, after it was moved away. Never throws: what goes wrong is logged. */
  reopen(): void;
}

/** Who logs, and where to. */
export interface LoggingOptions {
  readonly service: { readonly name: string; readonly version: string };
  /** Takes the lines in place of standard output. */
  readonly destination?: Handler;
}

/**
 * Opens the logs: every line goes to standard output and, when there is one, to the file, before the call returns, so
 * that nothing is lost however the process ends. A reader that is gone or a full disk loses lines, and stops nothing.
 *
 * @throws {ServiceError} `failed_precondition` LOG_FILE_UNUSABLE when the file cannot be opened.
 */
export async function openLogging(settings: LoggingSettings, options: LoggingOptions): Promise<Logging> {
  const { service, destination } = options;
  const format = settings.format ?? (!destination && isatty(1) ? 'pretty' : 'json');
  const formatter = format === 'pretty' ? await loadPrettyFormatter() : undefined;
  const terminal = createConsoleHandler(formatter, destination);
  const file = settings.file === undefined ? undefined : openFileHandler(settings.file);
  const levels = createLevels(settings.level);
  const counts = { written: { trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 }, dropped: 0 };
  let fileFails = false;

  const encode = createEncoder(service, (line) => {
    const unseen = deliver(terminal, line);
    if (unseen) counts.dropped += 1;
    if (!file) return;
    const lost = deliver(file, line);
    if (lost) counts.dropped += 1;
    const begins = lost && !fileFails;
    fileFails = lost !== undefined;
    if (begins) logger.error({ err: lost.error, file: settings.file }, 'cannot write the log file, which loses lines');
  });
  const logger = createLogger(levels, (level, fields, message) => {
    counts.written[level] += 1;
    encode(level, fields, message);
  });

  return {
    logger,
    counts,
    level: (name) => levels.level(name),
    setLevel: (level, name) => levels.set(level, name),
    levels: () => levels.all(),
    flush: () => file?.flush(),
    reopen() {
      try {
        file?.reopen();
      } catch (error) {
        logger.error({ err: error }, 'cannot reopen the log file');
      }
    },
    async [Symbol.asyncDispose]() {
      file?.close();
    },
  };
}

function deliver(handler: Handler, line: string): { error: unknown } | undefined {
  try {
    handler.write(line);
    return undefined;
  } catch (error) {
    return { error };
  }
}
