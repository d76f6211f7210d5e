import { isatty } from 'node:tty';
import { createFormats } from './formats.ts';
import type { LogHandler, Outcome, Outlet } from './handler.ts';
import { createConsole, createDirect, openFileOutlet } from './outlets.ts';
import type { LoggedService } from './record.ts';
import type { LoggingSettings } from './settings.ts';

export interface OutletsOptions {
  readonly service: LoggedService;
  /** Takes the lines in place of standard output. */
  readonly destination: { write(line: string): unknown } | undefined;
  readonly handlers: readonly LogHandler[];
  /** Makes what is told of the lines of a handler. */
  readonly watch: (handler: string) => Outcome;
  /** Told that rotation fails. */
  readonly onTrouble: (message: string, error: unknown) => void;
}

/**
 * Opens the outlets by name: `console`, `file` when there is one, and the handlers of the service.
 *
 * @throws {TypeError} when two handlers have one name.
 * @throws {ServiceError} `failed_precondition` LOG_FILE_UNUSABLE when the file cannot be opened.
 */
export function openOutlets(settings: Partial<LoggingSettings>, options: OutletsOptions): Map<string, Outlet> {
  const { service, destination, handlers, watch, onTrouble } = options;
  const { file: path, bufferSize = 16_384 } = settings;
  const onTerminal = !destination && isatty(1);
  const formats = createFormats({
    service,
    gcpProject: settings.gcpProject,
    // https://no-color.org
    colour: onTerminal && !process.env.NO_COLOR,
  });
  const parts = (name: string, level: LogHandler['level'], format: LogHandler['format']) => ({
    level,
    format: typeof format === 'function' ? format : formats(format ?? 'json'),
    outcome: watch(name),
  });

  const outlets = new Map<string, Outlet>();
  const toConsole = parts('console', settings.consoleLevel, settings.format ?? (onTerminal ? 'pretty' : 'json'));
  outlets.set(
    'console',
    destination
      ? // What is said after the logs are closed still goes to the console.
        { ...createDirect(toConsole, destination), close: () => undefined }
      : createConsole(toConsole, onTerminal ? 0 : bufferSize),
  );
  for (const handler of handlers) {
    const { name, level, format } = handler;
    if (outlets.has(name) || name === 'file') {
      throw new TypeError(`Expected each handler to have a name of its own, got \`${name}\` twice`);
    }
    outlets.set(name, createDirect(parts(name, level, format), handler));
  }
  if (path !== undefined) {
    const toFile = {
      ...parts('file', settings.fileLevel, settings.fileFormat),
      onReopenFailed: (error: unknown) => onTrouble('Cannot reopen the log file', error),
    };
    const { fileMaxSize: maxSize = 0, fileMaxAge: maxAgeMs = 0, fileKeep: keep = 5 } = settings;
    outlets.set('file', openFileOutlet(toFile, { path, bufferSize, maxSize, maxAgeMs, keep, onTrouble }));
  }
  return outlets;
}
